package dev.baton.arm64.exception;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.mem.View;

/**
 * The instruction specific syndrome of a Data Abort from stage 2 (Arm ARM, ESR_ELx, "ISS encoding for an exception from a Data
 * Abort"): what a hypervisor needs to emulate the access. Valid for loads and stores of one general register without
 * writeback.
 */
final class AccessSyndrome {
    private static final int ISV = 1 << 24;
    private static final int SSE = 1 << 21;
    private static final int SF = 1 << 15;
    private static final int AR = 1 << 14;

    private AccessSyndrome() { }

    /** ISV, SAS, SSE, SRT, SF and AR of the instruction at the PC; 0 if they are not valid. */
    static int of(Arm64Cpu cpu) {
        long ipa = cpu.mmu.faultIpa;
        long va = cpu.mmu.va;
        cpu.mmu.translate(cpu.pc(), Mmu.FETCH | Mmu.PROBE);
        boolean there = cpu.mmu.ok && cpu.machine.bus().ram(cpu.mmu.pa) != null;
        int word = 0;
        if (there) {
            byte[] b = new byte[4];
            cpu.machine.bus().peek(cpu.mmu.pa, b, 0, 4, cpu.mmu.cacheable ? View.CACHED : View.POC);
            word = b[0] & 0xff | (b[1] & 0xff) << 8 | (b[2] & 0xff) << 16 | b[3] << 24;
        }
        cpu.mmu.faultIpa = ipa;
        cpu.mmu.va = va;
        cpu.mmu.ok = false;
        return of(word);
    }

    static int of(int word) {
        if (loadStoreRegister(word)) {
            return register(word);
        }
        if (ordered(word)) {
            return ISV | word >>> 30 << 22 | (word & 31) << 16 | (word >>> 30 == 3 ? SF : 0) | AR;
        }
        return 0;
    }

    /** Unsigned offset, unscaled, unprivileged and register offset forms of a general register. */
    private static boolean loadStoreRegister(int word) {
        if ((word >>> 27 & 7) != 7 || (word & 1 << 26) != 0 || prefetch(word)) {
            return false;
        }
        return switch (word >>> 24 & 3) {
            case 1 -> true;
            case 0 -> (word & 1 << 21) == 0 ? (word & 1 << 10) == 0 : (word >>> 10 & 3) == 2;
            default -> false;
        };
    }

    private static boolean prefetch(int word) {
        return word >>> 30 == 3 && (word >>> 22 & 3) == 2;
    }

    /** opc: 0 store, 1 load, 2 sign-extending load to 64 bits, 3 to 32. */
    private static int register(int word) {
        int size = word >>> 30;
        int opc = word >>> 22 & 3;
        boolean sixtyFour = opc == 2 || opc < 2 && size == 3;
        return ISV | size << 22 | (opc >= 2 ? SSE : 0) | (word & 31) << 16 | (sixtyFour ? SF : 0);
    }

    /** LDAR, STLR, LDLAR, STLLR. */
    private static boolean ordered(int word) {
        return (word & 0x3fa0_0000) == 0x0880_0000;
    }
}
