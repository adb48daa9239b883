package dev.baton.arm64.system;

import static dev.baton.arm64.system.Tables.NORMAL;
import static dev.baton.arm64.system.Tables.USER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.GuestException;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.mem.CachePolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** UAO, DIT, SSBS, RAS, RNG, DPB: the extensions that are a few bits or registers each. */
class Small_extensions_Test {
    private static final long TABLES = Bare.RAM + (8L << 20);
    private static final long VA = 0xffff_8000_1000_0000L;
    private static final long PA = Bare.RAM + 0x10_0000;
    private static final long A = 1L << 8;
    private static final int RNDR = 3 << 14 | 3 << 11 | 2 << 7 | 4 << 3;

    private static Bare bare(String model, int el) {
        return new Bare(el, CachePolicy.STRICT, Arm64Config.defaults().withModel(model), 1);
    }

    @ParameterizedTest
    @CsvSource({"0, 3, 23, UAO", "3, 2, 24, DIT", "3, 1, 12, SSBS", "0, 4, 22, PAN"})
    void a_field_of_PSTATE_is_set_by_an_immediate_kept_in_SPSR_and_brought_back_by_ERET(int op1, int op2, int bit, String name) {
        try (Bare b = bare("max", 1)) {
            b.cpu.sysregs.msrImmediate(op1, 1, op2);
            assertEquals(1L << bit, b.get(name));
            b.cpu.exceptions.undefined();
            b.cpu.exceptions.take();
            assertEquals(1L << bit, b.get("SPSR_EL1") & 1L << bit);
            b.cpu.sysregs.msrImmediate(op1, 0, op2);
            b.cpu.exceptions.eret();
            assertEquals(1L << bit, b.get(name));
        }
    }

    @ParameterizedTest
    @CsvSource({"cortex-a57, 0, 3", "cortex-a57, 0, 4", "cortex-a57, 3, 1", "cortex-a57, 3, 2", "cortex-a76, 3, 1", "neoverse-n1, 3, 2"})
    void a_field_that_the_model_lacks_is_UNDEFINED(String model, int op1, int op2) {
        try (Bare b = bare(model, 1)) {
            assertThrows(GuestException.class, () -> b.cpu.sysregs.msrImmediate(op1, 1, op2));
            assertEquals(0, b.cpu.pending.ec);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSBS", "DIT", "UAO", "PAN"})
    void a_bit_of_SPSR_that_the_model_lacks_stays_0(String field) {
        try (Bare b = bare("cortex-a57", 1)) {
            b.set("SPSR_EL1", -1L);
            long bit = field.equals("SSBS") ? 12 : field.equals("DIT") ? 24 : field.equals("UAO") ? 23 : 22;
            assertEquals(0, b.get("SPSR_EL1") >>> bit & 1);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void an_exception_sets_SSBS_to_DSSBS(long dssbs) {
        try (Bare b = bare("neoverse-n1", 1)) {
            b.set("SCTLR_EL1", dssbs << 44);
            b.cpu.ssbs = dssbs == 0;
            b.cpu.exceptions.undefined();
            b.cpu.exceptions.take();
            assertEquals(dssbs == 1, b.cpu.ssbs);
        }
    }

    @Test
    void LDTR_under_UAO_has_the_permissions_of_its_own_level() {
        try (Bare b = bare("max", 1)) {
            new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, NORMAL).page(VA + 0x1000, PA, NORMAL | USER).enableEl1(b, 0);
            assertEquals(0xf, b.fault(VA, Mmu.READ | Mmu.UNPRIV), "a permission fault at level 3");
            b.cpu.uao = true;
            assertEquals(-1, b.fault(VA, Mmu.READ | Mmu.UNPRIV));
            b.cpu.pan = true;
            b.cpu.mmu.contextChanged();
            assertEquals(0xf, b.fault(VA + 0x1000, Mmu.READ | Mmu.UNPRIV), "PAN counts, as for an ordinary load");
        }
    }

    @Test
    void ESB_defers_an_SError_that_is_masked_and_leaves_none_pending() {
        try (Bare b = bare("neoverse-n1", 1)) {
            b.cpu.exceptions.serror(true);
            b.cpu.daif = (int) A;
            b.cpu.exceptions.errorSynchronizationBarrier();
            assertEquals(1L << 31, b.get("DISR_EL1"));
            assertEquals(0, b.get("ISR_EL1"));
        }
    }

    @Test
    void ESB_of_a_guest_defers_its_virtual_SError_with_the_syndrome_that_the_hypervisor_gave() {
        try (Bare b = bare("neoverse-n1", 1)) {
            b.set("HCR_EL2", 1L << 31 | 1 << 8 | 1 << 5);
            b.set("VSESR_EL2", 0x123);
            b.cpu.daif = (int) A;
            b.cpu.exceptions.errorSynchronizationBarrier();
            assertEquals(1L << 31 | 0x123, b.get("VDISR_EL2"));
            assertEquals(1L << 31 | 0x123, b.get("DISR_EL1"), "what EL1 sees under that name");
            assertEquals(0, b.get("HCR_EL2") & 1 << 8);
        }
    }

    @Test
    void an_external_abort_of_EL1_goes_to_EL2_under_TEA() {
        try (Bare b = bare("neoverse-n1", 1)) {
            b.set("HCR_EL2", 1L << 31 | 1L << 37);
            b.taking(() -> {
                throw b.cpu.exceptions.externalAbort(0x1000, Mmu.READ);
            });
            assertEquals(2, b.cpu.el);
        }
    }

    @Test
    void random_numbers_follow_from_the_seed_and_differ_by_CPU() {
        assertEquals(random(1, 0), random(1, 0));
        assertNotEquals(random(1, 0), random(2, 0));
        assertNotEquals(random(1, 0), random(1, 1));
    }

    private static long random(long seed, int cpu) {
        try (Bare b = new Bare(1, CachePolicy.STRICT, Arm64Config.defaults().withModel("max").withSeed(seed), 2)) {
            b.cpu(cpu).nzcv = -1;
            long first = b.cpu(cpu).sysregs.read(RNDR);
            long second = b.cpu(cpu).sysregs.read(RNDR);
            assertNotEquals(first, second);
            assertEquals(0, b.cpu(cpu).nzcv, "a number came");
            return first;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13})
    void cleaning_to_a_point_of_persistence_cleans_to_the_point_of_coherency(int crm) {
        try (Bare b = bare("max", 1)) {
            new Tables(b.ram, 12, 48, TABLES, true).page(VA, PA, NORMAL).enableEl1(b, 0);
            b.ram.store(b.cpu, PA, 8, 0x55, true);
            assertFalse(b.ram.load(b.cpu, PA, 8, false) == 0x55);
            b.cpu.sysregs.sys(3, 7, crm, 1, VA);
            assertTrue(b.ram.load(b.cpu, PA, 8, false) == 0x55);
        }
    }

    @Test
    void DC_CVADP_is_UNDEFINED_where_only_DPB_is() {
        try (Bare b = bare("neoverse-n1", 1)) {
            b.cpu.sysregs.sys(3, 7, 12, 1, PA);
            assertThrows(GuestException.class, () -> b.cpu.sysregs.sys(3, 7, 13, 1, PA));
        }
    }
}
