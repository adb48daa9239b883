package dev.baton.arm64.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.GuestException;
import dev.baton.arm64.exception.Exceptions;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.mem.CachePolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Entry, routing, masking and return. */
class Exceptions_Test {
    private static final long VBAR1 = 0x4001_0000L;
    private static final long VBAR2 = 0x4002_0000L;
    private static final long TGE = 1L << 27;
    private static final long E2H = 1L << 34;

    private static Bare at(int el) {
        Bare b = new Bare(Math.max(el, 1));
        b.set("VBAR_EL1", VBAR1);
        b.set("VBAR_EL2", VBAR2);
        b.cpu.el = el;
        b.cpu.spSel = el > 0;
        b.cpu.daif = 0;
        b.cpu.mmu.contextChanged();
        return b;
    }

    private static void raise(Bare b, java.util.function.Supplier<GuestException> what) {
        b.taking(() -> {
            throw what.get();
        });
    }

    @ParameterizedTest
    @CsvSource({"0,false,0x400", "1,false,0x000", "1,true,0x200"})
    void the_vector_depends_on_where_the_exception_comes_from(int el, boolean spSel, String offset) {
        try (Bare b = at(el)) {
            b.cpu.spSel = spSel;
            raise(b, () -> b.cpu.exceptions.svc(7));
            assertEquals(VBAR1 + Long.decode(offset), b.cpu.pc());
            assertEquals(1, b.cpu.el);
            assertTrue(b.cpu.spSel);
            assertEquals(0x3c0, b.cpu.daif);
        }
    }

    @Test
    void svc_saves_the_next_instruction_the_whole_pstate_and_its_immediate() {
        try (Bare b = at(0)) {
            b.cpu.nzcv = 0xa000_0000;
            b.cpu.pan = true;
            b.cpu.daif = 0x40;
            b.cpu.branchTo(0x4000_1000L);
            b.cpu.at = 3;
            raise(b, () -> b.cpu.exceptions.svc(0x123));
            assertEquals(0x4000_1010L, b.get("ELR_EL1"));
            assertEquals(0xa040_0040L, b.get("SPSR_EL1"));
            assertEquals(0x15L << 26 | 1 << 25 | 0x123, b.get("ESR_EL1"));
        }
    }

    @Test
    void a_fault_saves_its_own_instruction_its_address_and_the_class_of_its_origin() {
        try (Bare b = at(1)) {
            b.cpu.branchTo(0x4000_1000L);
            raise(b, () -> b.cpu.exceptions.abort(0xdead_0000L, Mmu.WRITE, 7));
            assertEquals(0x4000_1000L, b.get("ELR_EL1"));
            assertEquals(0xdead_0000L, b.get("FAR_EL1"));
            assertEquals(0x25L << 26 | 1 << 25 | 1 << 6 | 7, b.get("ESR_EL1"), "data abort from the same level, WnR");
        }
        try (Bare b = at(0)) {
            raise(b, () -> b.cpu.exceptions.abort(0xdead_0000L, Mmu.FETCH, 15));
            assertEquals(0x20L << 26 | 1 << 25 | 15, b.get("ESR_EL1"), "instruction abort from a lower level");
        }
    }

    @Test
    void the_stack_pointers_are_banked() {
        try (Bare b = at(0)) {
            b.cpu.x[31] = 0x1000;
            b.cpu.sp(1, 0x2000);
            raise(b, () -> b.cpu.exceptions.svc(0));
            assertEquals(0x2000, b.cpu.x[31]);
            assertEquals(0x1000, b.get("SP_EL0"));
            b.cpu.x[31] = 0x3000;
            b.cpu.exceptions.eret();
            assertEquals(0x1000, b.cpu.x[31]);
            assertEquals(0x3000, b.cpu.sp(1));
        }
    }

    @ParameterizedTest
    @CsvSource({"0,true,1", "0,false,2", "1,true,1"})
    void an_exception_of_el0_goes_to_el1_or_with_tge_to_el2(int el, boolean kernel, int target) {
        try (Bare b = at(el)) {
            b.set("HCR_EL2", kernel ? 0 : TGE);
            raise(b, () -> b.cpu.exceptions.svc(0));
            assertEquals(target, b.cpu.el);
            assertEquals((target == 1 ? VBAR1 : VBAR2) + (el == 0 ? 0x400 : 0x200), b.cpu.pc());
        }
    }

    @Test
    void an_exception_at_el2_stays_there() {
        try (Bare b = at(2)) {
            raise(b, () -> b.cpu.exceptions.brk(5));
            assertEquals(2, b.cpu.el);
            assertEquals(0x3cL << 26 | 1 << 25 | 5, b.get("ESR_EL2"));
            assertEquals(0, b.get("ESR_EL1"));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,0,0,true", "1,0x800000,0,false", "2,0,0x408000000,true", "2,0x800000,0x408000000,false", "2,0,0,false"})
    void entry_sets_pan_unless_span_says_no(int target, String sctlr, String hcr, boolean pan) {
        try (Bare b = at(target)) {
            b.set("HCR_EL2", Long.decode(hcr));
            b.set("SCTLR_EL" + target, Long.decode(sctlr));
            raise(b, () -> b.cpu.exceptions.svc(0));
            assertEquals(pan, b.cpu.pan);
        }
    }

    @Test
    void hvc_goes_to_el2_from_el1_and_is_undefined_at_el0_or_when_disabled() {
        try (Bare b = at(1)) {
            raise(b, () -> b.cpu.exceptions.hvc(3));
            assertEquals(2, b.cpu.el);
            assertEquals(0x16L << 26 | 1 << 25 | 3, b.get("ESR_EL2"));
            assertEquals(VBAR2 + 0x400, b.cpu.pc());
        }
        try (Bare b = at(0)) {
            raise(b, () -> b.cpu.exceptions.hvc(3));
            assertEquals(1 << 25, b.get("ESR_EL1"));
        }
        try (Bare b = at(1)) {
            b.set("HCR_EL2", 1L << 29);
            raise(b, () -> b.cpu.exceptions.hvc(3));
            assertEquals(1, b.cpu.el);
        }
    }

    @Test
    void smc_is_trapped_by_tsc_and_undefined_without_el3() {
        try (Bare b = at(1)) {
            b.set("HCR_EL2", 1L << 19);
            b.cpu.branchTo(0x4000_1000L);
            raise(b, () -> b.cpu.exceptions.smc(1));
            assertEquals(0x17L << 26 | 1 << 25 | 1, b.get("ESR_EL2"));
            assertEquals(0x4000_1000L, b.get("ELR_EL2"), "a trapped SMC has not been executed");
        }
        try (Bare b = at(1)) {
            raise(b, () -> b.cpu.exceptions.smc(1));
            assertEquals(1 << 25, b.get("ESR_EL1"));
        }
    }

    @Test
    void a_trapped_smc_never_reaches_the_firmware() {
        int[] calls = new int[1];
        Arm64Config answering = Arm64Config.defaults().withFirmware((cpu, instruction, immediate) -> {
            calls[0]++;
            return true;
        });
        try (Bare b = new Bare(1, CachePolicy.STRICT, answering, 1)) {
            b.ram.place(Bare.RAM, new byte[] {3, 0, 0, (byte) 0xd4}, 0, 4);
            b.set("VBAR_EL2", VBAR2);
            b.machine.run(1);
            assertEquals(1, calls[0]);
            assertEquals(Bare.RAM + 4, b.cpu.pc());
            b.set("HCR_EL2", 1L << 19);
            b.cpu.branchTo(Bare.RAM);
            b.machine.run(1);
            assertEquals(1, calls[0]);
            assertEquals(VBAR2 + 0x400, b.cpu.pc());
        }
    }

    @Test
    void return_restores_what_entry_saved() {
        try (Bare b = at(0)) {
            b.cpu.nzcv = 0x6000_0000;
            b.cpu.branchTo(0x4000_2000L);
            raise(b, () -> b.cpu.exceptions.svc(0));
            b.cpu.nzcv = 0;
            b.cpu.eventRegister = false;
            b.cpu.exceptions.eret();
            assertEquals(0, b.cpu.el);
            assertEquals(0x6000_0000, b.cpu.nzcv);
            assertEquals(0, b.cpu.daif);
            assertEquals(0x4000_2004L, b.cpu.pc());
            assertFalse(b.cpu.pan);
            assertTrue(b.cpu.eventRegister, "an exception return is an event");
        }
    }

    /** M[4:0] of SPSR_EL1 or SPSR_EL2: AArch32, reserved modes, a higher level. */
    @ParameterizedTest
    @CsvSource({"1,0x10", "1,0x1f", "1,0x1", "1,0x2", "1,0x6", "1,0x8", "1,0x9", "1,0xd", "2,0xd", "2,0xb"})
    void an_illegal_return_keeps_the_level_and_sets_il(int el, String mode) {
        try (Bare b = at(el)) {
            b.set("SPSR_EL" + el, 0x9000_0000L | 0x3c0 | Long.decode(mode));
            b.set("ELR_EL" + el, 0x4000_3000L);
            b.cpu.exceptions.eret();
            assertEquals(el, b.cpu.el);
            assertTrue(b.cpu.spSel);
            assertTrue(b.cpu.il);
            assertEquals(0x9000_0000, b.cpu.nzcv);
            assertEquals(0x3c0, b.cpu.daif);
            assertEquals(0x4000_3000L, b.cpu.pc());
            raise(b, () -> b.cpu.exceptions.illegalState());
            assertEquals(0x0eL << 26 | 1 << 25, b.get("ESR_EL" + el));
            assertEquals(1 << 20, b.get("SPSR_EL" + el) & 1 << 20, "IL is saved and cleared");
            assertFalse(b.cpu.il);
        }
    }

    @Test
    void el2_cannot_return_to_el1_while_tge_is_set_nor_to_el2_where_there_is_none() {
        try (Bare b = at(2)) {
            b.set("HCR_EL2", TGE);
            b.set("SPSR_EL2", 5);
            b.cpu.exceptions.eret();
            assertTrue(b.cpu.il);
        }
        try (Bare b = at(2)) {
            b.set("SPSR_EL2", 5);
            b.cpu.exceptions.eret();
            assertEquals(1, b.cpu.el);
        }
    }

    @Test
    void eret_at_el0_is_undefined() {
        try (Bare b = at(0)) {
            assertThrows(GuestException.class, () -> b.cpu.exceptions.eret());
            assertEquals(0, b.cpu.pending.ec);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0,0,0,1,1", "0,0x80,0,0,0", "1,0,0,1,1", "1,0x80,0,0,0", "2,0,0,0,0",
        "0,0x80,0x10,1,2", "1,0x80,0x10,1,2", "2,0,0x10,1,2", "2,0x80,0x10,0,0",
        "0,0,0x408000000,1,2", "0,0x80,0x408000000,0,0", "2,0x80,0x408000000,0,0", "0,0x80,0x8000000,1,2"})
    void irq_routing_and_masking(int el, String daif, String hcr, int taken, int target) {
        try (Bare b = at(el)) {
            b.set("HCR_EL2", Long.decode(hcr));
            b.cpu.daif = Integer.decode(daif);
            b.cpu.exceptions.irq(true);
            assertEquals(taken == 1 ? Exceptions.IRQ : Exceptions.NONE, b.cpu.exceptions.pendingInterrupt());
            assertTrue(b.cpu.exceptions.wakesUp(), "WFI ends whether or not it is masked");
            if (taken == 1) {
                b.cpu.branchTo(0x4000_1000L);
                b.cpu.exceptions.takeInterrupt(Exceptions.IRQ);
                assertEquals(target, b.cpu.el);
                assertEquals((target == 1 ? VBAR1 : VBAR2) + (el == target ? 0x280 : 0x480), b.cpu.pc());
                assertEquals(0x4000_1000L, b.get("ELR_EL" + target));
            }
        }
    }

    @Test
    void fiq_and_serror_have_their_own_masks_and_vectors() {
        try (Bare b = at(1)) {
            b.cpu.exceptions.fiq(true);
            b.cpu.daif = 0x80 | 0x100;
            assertEquals(Exceptions.FIQ, b.cpu.exceptions.pendingInterrupt());
            b.cpu.exceptions.takeInterrupt(Exceptions.FIQ);
            assertEquals(VBAR1 + 0x300, b.cpu.pc());
        }
        try (Bare b = at(1)) {
            b.cpu.exceptions.serror(true);
            b.cpu.daif = 0x80 | 0x40;
            assertEquals(Exceptions.SERROR, b.cpu.exceptions.pendingInterrupt());
            b.cpu.exceptions.takeInterrupt(Exceptions.SERROR);
            assertEquals(VBAR1 + 0x380, b.cpu.pc());
            assertEquals(0x2fL << 26 | 1 << 25, b.get("ESR_EL1"));
            b.cpu.daif = 0;
            assertEquals(Exceptions.NONE, b.cpu.exceptions.pendingInterrupt(), "it was one event");
        }
    }

    @Test
    void virtual_interrupts_reach_a_guest_whose_physical_ones_are_routed_away() {
        try (Bare b = at(1)) {
            b.set("HCR_EL2", 1 << 7);
            assertEquals(Exceptions.NONE, b.cpu.exceptions.pendingInterrupt(), "VI without IMO");
            b.set("HCR_EL2", 1 << 7 | 1 << 4);
            assertEquals(Exceptions.VIRQ, b.cpu.exceptions.pendingInterrupt());
            assertEquals(1 << 7, b.get("ISR_EL1"));
            b.cpu.exceptions.takeInterrupt(Exceptions.VIRQ);
            assertEquals(1, b.cpu.el);
            assertEquals(VBAR1 + 0x280, b.cpu.pc());
            assertEquals(Exceptions.NONE, b.cpu.exceptions.pendingInterrupt(), "masked by PSTATE.I");
        }
    }

    @ParameterizedTest
    @CsvSource({"0,0,0,1", "0,0x10000,0,0", "0,0x10000,0x2000,2", "1,0,0x2000,2", "1,0,0,0", "2,0,0x2000,0", "0,0,0x8000000,2"})
    void wfi_traps_where_somebody_asks_for_it(int el, String sctlr, String hcr, int target) {
        try (Bare b = at(el)) {
            b.set("SCTLR_EL1", Long.decode(sctlr));
            b.set("HCR_EL2", Long.decode(hcr));
            assertEquals(target, b.cpu.exceptions.waitTrap(false));
        }
    }

    @Test
    void a_trapped_wfe_says_so_in_its_syndrome() {
        try (Bare b = at(1)) {
            raise(b, () -> b.cpu.exceptions.waitTrapped(2, true));
            assertEquals(0x01L << 26 | 1 << 25 | 1 << 24 | 0xe << 20 | 1, b.get("ESR_EL2"));
        }
    }

    @Test
    void el3_takes_what_scr_routes_to_it() {
        try (Bare b = new Bare(1, CachePolicy.STRICT, Arm64Config.defaults().withLevels(true, true), 1)) {
            b.set("SCR_EL3", 1 << 10 | 1 << 1 | 1);
            b.set("VBAR_EL3", 0x4003_0000L);
            b.cpu.daif = 0x3c0;
            b.cpu.exceptions.irq(true);
            assertEquals(Exceptions.IRQ, b.cpu.exceptions.pendingInterrupt(), "PSTATE of EL1 does not mask EL3");
            b.cpu.exceptions.takeInterrupt(Exceptions.IRQ);
            assertEquals(3, b.cpu.el);
            assertEquals(0x4003_0480L, b.cpu.pc());
            b.set("SPSR_EL3", 9);
            b.cpu.exceptions.eret();
            assertEquals(2, b.cpu.el);
            raise(b, () -> b.cpu.exceptions.smc(0));
            assertEquals(3, b.cpu.el);
        }
    }
}
