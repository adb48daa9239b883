package dev.baton.x86;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The state of a CPU that is started in 64-bit mode, as the registers of a {@link dev.baton.core.machine.LaunchPlan}: paging
 * on, interrupts off, flat segments. Source: Intel SDM volume 3A, 2.2.1 (EFER), 2.5 (control registers), 5.8.3 (64-bit
 * segments, IA-32e code and data descriptors), 11.8.5 (initialising IA-32e mode), edition of 2025.
 *
 * @param rip          first instruction, a canonical linear address
 * @param rsi          the one argument that the 64-bit protocols pass
 * @param cr3          physical address of the top page table, 4 KiB aligned, within 52 bits; the low bits (PWT, PCD) stay 0
 * @param codeSelector selector of a 64-bit code segment: privilege 0, in the GDT, not null
 * @param dataSelector selector for DS, ES and SS, of the same kind
 */
public record LongModeEntry(long rip, long rsi, long cr3, int codeSelector, int dataSelector) {
    /** CR0.PE, bit 0: protection; CR0.ET, bit 4: always 1; CR0.PG, bit 31: paging. */
    public static final long CR0 = 1L << 31 | 1 << 4 | 1;
    /** CR4.PAE, bit 5, without which long mode cannot be entered. */
    public static final long CR4 = 1 << 5;
    /** IA32_EFER.LME, bit 8: enabled, and LMA, bit 10: active. */
    public static final long EFER = 1 << 10 | 1 << 8;
    /** Bit 1 of RFLAGS is always 1; IF (bit 9) and DF (bit 10) are 0. */
    public static final long RFLAGS = 1 << 1;

    /** The names of the sixteen general registers, in the order of their encoding. */
    public static final List<String> GENERAL = List.of("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
            "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15");

    private static final int LINEAR_BITS = 48;
    private static final int PHYSICAL_BITS = 52;

    /** @throws IllegalArgumentException if no CPU could be in this state */
    public LongModeEntry {
        if (rip << 64 - LINEAR_BITS >> 64 - LINEAR_BITS != rip) {
            throw new IllegalArgumentException("rip: expected a canonical address, found 0x" + Long.toHexString(rip));
        }
        if ((cr3 & 4095) != 0 || cr3 >>> PHYSICAL_BITS != 0) {
            throw new IllegalArgumentException("cr3: expected a page-aligned address within 52 bits, found 0x" + Long.toHexString(cr3));
        }
        requireSelector("cs", codeSelector);
        requireSelector("ds", dataSelector);
    }

    /** Bits 1:0 are the privilege level, bit 2 chooses the LDT; index 0 is the null descriptor. */
    private static void requireSelector(String name, int selector) {
        if ((selector & 7) != 0 || selector <= 0 || selector > 0xffff) {
            throw new IllegalArgumentException(name + ": expected a GDT selector of privilege 0, found 0x" + Integer.toHexString(selector));
        }
    }

    /** Every register by name; the general ones that are not arguments are 0. */
    public SortedMap<String, Long> registers() {
        SortedMap<String, Long> r = new TreeMap<>();
        GENERAL.forEach(name -> r.put(name, 0L));
        r.put("rip", rip);
        r.put("rsi", rsi);
        r.put("rflags", RFLAGS);
        r.put("cr0", CR0);
        r.put("cr3", cr3);
        r.put("cr4", CR4);
        r.put("efer", EFER);
        r.put("cs", (long) codeSelector);
        List.of("ds", "es", "ss").forEach(name -> r.put(name, (long) dataSelector));
        return Collections.unmodifiableSortedMap(r);
    }
}
