package dev.baton.arm64.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.GuestException;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.arm64.pauth.PointerAuthentication;
import dev.baton.arm64.sysreg.CpuModel;
import dev.baton.core.mem.CachePolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys, enables, traps, TBID, and the algorithm of an implementation's own. */
class Pointer_authentication_Test {
    private static final int APIA_KEY_LO = 3 << 14 | 2 << 7 | 1 << 3;
    private static final long EVERY_KEY = 1L << 31 | 1 << 30 | 1 << 27 | 1 << 13;
    private static final long POINTER = 0xffff_8000_1234_5678L;

    private static Bare bare(String model, int el) {
        Bare b = new Bare(el, CachePolicy.STRICT, Arm64Config.defaults().withModel(model).withLevels(true, true), 1);
        b.set("SCTLR_EL1", EVERY_KEY);
        b.set("TCR_EL1", 16 << 16 | 16);
        for (String key : new String[] {"APIA", "APIB", "APDA", "APDB", "APGA"}) {
            b.set(key + "KeyLo_EL1", 0x1234_5678_9abc_def0L + key.hashCode());
            b.set(key + "KeyHi_EL1", 0xfedc_ba98_7654_3210L);
        }
        return b;
    }

    @ParameterizedTest
    @CsvSource({"max, 0", "max, 1", "max, 2", "max, 3", "'max,pauth-impdef=on', 0", "'max,pauth-impdef=on', 3"})
    void a_pointer_comes_back_with_the_right_modifier_and_key_only(String model, int key) {
        try (Bare b = bare(model, 1)) {
            long signed = b.cpu.pauth.add(key, POINTER, 77);
            assertNotEquals(POINTER, signed);
            assertEquals(POINTER, b.cpu.pauth.authenticate(key, signed, 77));
            assertEquals(POINTER, b.cpu.pauth.strip(signed, key < 2));
            long error = (key & 1) != 0 ? 2 : 1;
            assertEquals(POINTER & ~(3L << 61) | error << 61, b.cpu.pauth.authenticate(key, signed, 78));
            assertNotEquals(POINTER, b.cpu.pauth.authenticate(key ^ 2, signed, 77));
        }
    }

    @Test
    void the_two_algorithms_give_different_codes() {
        try (Bare architected = bare("max", 1); Bare own = bare("max,pauth-impdef=on", 1)) {
            assertNotEquals(architected.cpu.pauth.generic(1, 2), own.cpu.pauth.generic(1, 2));
            assertEquals(0x0100_0010, architected.get("ID_AA64ISAR1_EL1") & 0xff00_0ff0L);
            assertEquals(0x1000_0100, own.get("ID_AA64ISAR1_EL1") & 0xff00_0ff0L);
        }
    }

    @Test
    void an_address_that_failed_to_authenticate_faults() {
        try (Bare b = bare("max", 1)) {
            b.set("SCTLR_EL1", EVERY_KEY | 1);
            long bad = b.cpu.pauth.authenticate(PointerAuthentication.IA, POINTER, 1);
            assertEquals(4, b.fault(bad, Mmu.READ), "a translation fault of level 0");
        }
    }

    @Test
    void a_key_that_is_not_enabled_leaves_the_pointer() {
        try (Bare b = bare("max", 1)) {
            b.set("SCTLR_EL1", EVERY_KEY & ~(1L << 31));
            assertEquals(POINTER, b.cpu.pauth.add(PointerAuthentication.IA, POINTER, 1));
            assertNotEquals(POINTER, b.cpu.pauth.add(PointerAuthentication.IB, POINTER, 1));
            assertEquals(POINTER, b.cpu.pauth.authenticate(PointerAuthentication.IA, POINTER, 1));
        }
    }

    @ParameterizedTest
    @CsvSource({"HCR_EL2, 41, 2", "SCR_EL3, 17, 3"})
    void a_guest_that_may_not_use_it_is_trapped(String register, int bit, int target) {
        try (Bare b = bare("max", 1)) {
            b.set(register, b.get(register) & ~(1L << bit));
            b.taking(() -> b.cpu.pauth.add(PointerAuthentication.DB, POINTER, 1));
            assertEquals(target, b.cpu.el);
            assertEquals(0x09, b.get("ESR_EL" + target) >>> 26);
        }
    }

    @ParameterizedTest
    @CsvSource({"HCR_EL2, 40, 2", "SCR_EL3, 16, 3"})
    void a_guest_that_may_not_have_keys_is_trapped(String register, int bit, int target) {
        try (Bare b = bare("max", 1)) {
            b.set(register, b.get(register) & ~(1L << bit));
            b.taking(() -> b.cpu.sysregs.read(APIA_KEY_LO));
            assertEquals(target, b.cpu.el);
            assertEquals(0x18, b.get("ESR_EL" + target) >>> 26);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"neoverse-n1", "max,pauth=off"})
    void without_the_feature_there_are_no_keys_and_no_enables(String model) {
        try (Bare b = new Bare(1, CachePolicy.STRICT, Arm64Config.defaults().withModel(model), 1)) {
            assertThrows(GuestException.class, () -> b.cpu.sysregs.read(APIA_KEY_LO));
            b.set("SCTLR_EL1", EVERY_KEY);
            assertEquals(0, b.get("SCTLR_EL1") & EVERY_KEY);
        }
    }

    @Test
    void a_property_that_no_model_has_is_refused_by_name() {
        var e = assertThrows(IllegalArgumentException.class, () -> CpuModel.named("max,sve=on"));
        assertEquals("arm64 CPU model 'max' has no property 'sve=on'; "
                + "there are pauth=on|off, pauth-impdef=on|off, lpa2=on|off", e.getMessage());
    }

    @Test
    void TBID_takes_the_tag_away_from_instructions_only() {
        try (Bare b = bare("max", 1)) {
            b.set("TCR_EL1", b.get("TCR_EL1") | 1L << 37);
            long tagged = 0x5a00_0000_4000_0000L;
            assertEquals(0x4000_0000L, b.cpu.mmu.branchAddress(tagged));
            b.set("TCR_EL1", b.get("TCR_EL1") | 1L << 51);
            assertEquals(tagged, b.cpu.mmu.branchAddress(tagged));
            assertEquals(-1, b.fault(tagged, Mmu.READ));
            assertEquals(0, b.fault(tagged, Mmu.FETCH), "an address size fault: the tag is part of the address");
        }
    }
}
