package dev.baton.arm64.system;

import static dev.baton.arm64.system.Tables.NORMAL;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.arm64.Arm64Config;
import dev.baton.core.mem.CachePolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Indirect branches into guarded pages at EL1 (FEAT_BTI); with the stepper and without. */
class Branch_targets_Test {
    private static final long TABLES = Bare.RAM + (8L << 20);
    private static final long GUARDED = 1L << 50;
    private static final long FROM = 0xffff_8000_1000_0000L;
    private static final long TO = FROM + 0x1000;
    private static final long PA = Bare.RAM + 0x10_0000;
    private static final int BR_X0 = 0xd61f_0000;
    private static final int BR_X16 = 0xd61f_0200;
    private static final int BLR_X0 = 0xd63f_0000;
    private static final int RET_X0 = 0xd65f_0000;
    private static final int BRAAZ_X0 = 0xd61f_081f;
    private static final int NOP = 0xd503_201f;
    private static final int BTI = 0xd503_241f;
    private static final int PACIASP = 0xd503_233f;
    private static final int BRK = 0xd420_0000;
    private static final int SELF = 0x1400_0000;

    private static Bare bare(boolean stepper, boolean sourceGuarded, int branch, int target) {
        Bare b = new Bare(1, CachePolicy.STRICT, Arm64Config.defaults().withModel("max").withStepper(stepper), 1);
        b.ram.place(PA, word(branch), 0, 4);
        b.ram.place(PA + 0x1000, word(target), 0, 4);
        b.ram.place(PA + 0x1004, word(SELF), 0, 4);
        new Tables(b.ram, 12, 48, TABLES, true).page(FROM, PA, NORMAL | (sourceGuarded ? GUARDED : 0))
                .page(TO, PA + 0x1000, NORMAL | GUARDED).page(TO + 0x1000, PA + 0x1000, NORMAL).enableEl1(b, 0);
        b.set("VBAR_EL1", FROM + 0x10000);
        b.cpu.x[0] = TO;
        b.cpu.x[16] = TO;
        b.cpu.register("pc", FROM);
        return b;
    }

    private static byte[] word(int w) {
        return new byte[] {(byte) w, (byte) (w >>> 8), (byte) (w >>> 16), (byte) (w >>> 24)};
    }

    /** The type for which a Branch Target exception was taken at the target, or 0 if the target was executed. */
    private static int refused(Bare b) {
        b.cpu.run(2);
        if (b.cpu.pc() == TO + 4) {
            assertEquals(0, b.cpu.btype);
            return 0;
        }
        long esr = b.get("ESR_EL1");
        if (esr >>> 26 == 0x3c) {
            return 0;
        }
        assertEquals(0x0d, esr >>> 26);
        assertEquals(TO, b.get("ELR_EL1"));
        assertEquals(esr & 3, b.get("SPSR_EL1") >>> 10 & 3);
        assertEquals(0, b.cpu.btype);
        return (int) esr & 3;
    }

    /** Columns: BR X0 from a guarded page, BR X0 from another, BR X16, BLR X0, RET X0. Each: the type if refused, else 0. */
    @ParameterizedTest
    @CsvSource({"nop, 3, 1, 1, 2, 0", "bti, 3, 1, 1, 2, 0", "bti c, 3, 0, 0, 0, 0", "bti j, 0, 0, 0, 2, 0", "bti jc, 0, 0, 0, 0, 0",
            "paciasp, 0, 0, 0, 0, 0", "brk, 0, 0, 0, 0, 0"})
    void lands_only_where_the_type_may(String target, int br, int brFromOther, int through, int blr, int ret) {
        int word = switch (target) {
            case "nop" -> NOP;
            case "bti" -> BTI;
            case "bti c" -> BTI | 1 << 6;
            case "bti j" -> BTI | 2 << 6;
            case "bti jc" -> BTI | 3 << 6;
            case "paciasp" -> PACIASP;
            default -> BRK;
        };
        for (boolean stepper : new boolean[] {false, true}) {
            assertEquals(br, refused(stepper, true, BR_X0, word));
            assertEquals(br, refused(stepper, true, BRAAZ_X0, word), "the key is not enabled");
            assertEquals(brFromOther, refused(stepper, false, BR_X0, word));
            assertEquals(through, refused(stepper, true, BR_X16, word));
            assertEquals(blr, refused(stepper, true, BLR_X0, word));
            assertEquals(ret, refused(stepper, true, RET_X0, word));
        }
    }

    private static int refused(boolean stepper, boolean sourceGuarded, int branch, int target) {
        try (Bare b = bare(stepper, sourceGuarded, branch, target)) {
            int first = refused(b);
            b.cpu.register("pc", FROM);
            b.cpu.register("pstate", 0x3c5);
            assertEquals(first, refused(b), "when both pages are known");
            return first;
        }
    }

    @Test
    void PACIASP_is_no_target_of_type_3_under_BT1() {
        try (Bare b = bare(false, true, BR_X0, PACIASP)) {
            b.set("SCTLR_EL1", b.get("SCTLR_EL1") | 1L << 36);
            assertEquals(3, refused(b));
        }
        try (Bare b = bare(false, true, BLR_X0, PACIASP)) {
            b.set("SCTLR_EL1", b.get("SCTLR_EL1") | 1L << 36);
            assertEquals(0, refused(b));
        }
    }

    @Test
    void a_page_that_is_not_guarded_takes_every_branch() {
        try (Bare b = bare(false, true, BR_X0, NOP)) {
            b.cpu.x[0] = TO + 0x1000;
            b.cpu.run(2);
            assertEquals(TO + 0x1004, b.cpu.pc());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {TO, TO + 0x1000})
    void the_type_stays_over_the_end_of_a_slice_for_a_guarded_page_only(long target) {
        try (Bare b = bare(false, true, BR_X0, NOP)) {
            b.cpu.x[0] = target;
            b.cpu.run(1);
            assertEquals(target == TO ? 3 << 10 : 0, b.cpu.register("pstate") & 0xc00);
        }
    }

    @Test
    void an_exception_return_brings_the_type_back() {
        try (Bare b = bare(false, true, 0xd69f_03e0, NOP)) {
            b.set("ELR_EL1", TO);
            b.set("SPSR_EL1", 0x3c5 | 2 << 10);
            assertEquals(2, refused(b));
        }
    }

    @Test
    void without_the_feature_no_page_is_guarded() {
        try (Bare b = new Bare(1, CachePolicy.STRICT, Arm64Config.defaults().withModel("neoverse-n1"), 1)) {
            b.set("SPSR_EL1", 3 << 10);
            assertEquals(0, b.get("SPSR_EL1"));
        }
    }
}
