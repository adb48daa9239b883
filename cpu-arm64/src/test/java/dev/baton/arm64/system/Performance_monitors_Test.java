package dev.baton.arm64.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.core.cpu.SystemRegisterPort;
import dev.baton.core.mem.CachePolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Map;

/** What counts at which level, and overflows to the instruction. */
class Performance_monitors_Test {
    private static final int NOP = 0xd503201f;
    private static final int WFI = 0xd503207f;
    private static final int SVC = 0xd4000001;
    private static final int ERET = 0xd69f03e0;
    /** {@code b .} */
    private static final int FOREVER = 0x14000000;
    private static final long CYCLES = 1L << 31;
    private static final int SW_INCR = 0;
    private static final int INST_RETIRED = 8;
    private static final int CPU_CYCLES = 0x11;
    private static final int CHAIN = 0x1e;

    private Bare b;
    private long raisedAt = -1;
    private boolean line;

    private Bare start(String model, int el, int... code) {
        Arm64Config config = Arm64Config.defaults().withModel(model).withGic(SystemRegisterPort.NONE, Map.of("pmu", on -> {
            raisedAt = on && !line ? b.cpu.instructions() : raisedAt;
            line = on;
        }));
        b = new Bare(el, CachePolicy.NONE, config, 1);
        place(Bare.RAM, code);
        b.set("PMCR_EL0", 1);
        return b;
    }

    private void place(long address, int... code) {
        for (int i = 0; i < code.length; i++) {
            b.ram.store(b.cpu, address + 4L * i, 4, code[i], true);
        }
    }

    @AfterEach
    void close() {
        b.close();
    }

    @Test
    void the_cycle_counter_counts_every_instruction() {
        start("neoverse-n1", 1, FOREVER);
        b.set("PMCNTENSET_EL0", CYCLES);
        b.machine.run(123_457);
        assertEquals(123_457, b.get("PMCCNTR_EL0"));
        b.set("PMCNTENCLR_EL0", CYCLES);
        b.machine.run(1000);
        assertEquals(123_457, b.get("PMCCNTR_EL0"));
    }

    @Test
    void an_overflow_interrupts_after_exactly_the_instruction_that_made_it() {
        start("neoverse-n1", 1, FOREVER);
        b.set("PMCNTENSET_EL0", CYCLES);
        b.set("PMINTENSET_EL1", CYCLES);
        b.set("PMCCNTR_EL0", -34_567);
        b.machine.run(34_566);
        assertFalse(line);
        assertEquals(0, b.get("PMOVSCLR_EL0"));
        b.machine.run(1_000_000);
        assertTrue(line);
        assertEquals(34_567, raisedAt);
        assertEquals(CYCLES, b.get("PMOVSSET_EL0"));
        b.set("PMOVSCLR_EL0", CYCLES);
        assertFalse(line);
    }

    @Test
    void an_event_counter_of_32_bits_overflows_from_bit_31() {
        start("neoverse-n1", 1, FOREVER);
        b.set("PMEVTYPER2_EL0", INST_RETIRED);
        b.set("PMEVCNTR2_EL0", 0x1_ffff_fff0L);
        assertEquals(0xffff_fff0L, b.get("PMEVCNTR2_EL0"));
        b.set("PMCNTENSET_EL0", 4);
        b.set("PMINTENSET_EL1", 4);
        b.machine.run(100);
        assertEquals(16, raisedAt);
        assertEquals(84, b.get("PMEVCNTR2_EL0"));
    }

    @ParameterizedTest
    @CsvSource({"0,32", "0x80,64"})
    void with_64_bits_PMCR_LP_says_where_it_overflows(String lp, int bits) {
        start("max", 1, FOREVER);
        b.set("PMCR_EL0", 1 | Long.decode(lp));
        b.set("PMEVTYPER0_EL0", CPU_CYCLES);
        b.set("PMEVCNTR0_EL0", 0x7_ffff_fff0L);
        b.set("PMCNTENSET_EL0", 1);
        b.machine.run(100);
        assertEquals(0x8_0000_0054L, b.get("PMEVCNTR0_EL0"));
        assertEquals(bits == 32 ? 1 : 0, b.get("PMOVSSET_EL0"));
    }

    @Test
    void a_chained_counter_counts_the_overflows_of_the_one_before_it() {
        start("cortex-a57", 1, FOREVER);
        b.set("PMEVTYPER0_EL0", CPU_CYCLES);
        b.set("PMEVTYPER1_EL0", CHAIN);
        b.set("PMEVCNTR0_EL0", 0xffff_ff00L);
        b.set("PMEVCNTR1_EL0", 0xffff_ffffL);
        b.set("PMCNTENSET_EL0", 3);
        b.set("PMINTENSET_EL1", 2);
        b.machine.run(1000);
        assertEquals(256, raisedAt);
        assertEquals(0, b.get("PMEVCNTR1_EL0"));
        assertEquals(3, b.get("PMOVSSET_EL0"));
    }

    @Test
    void software_increments_only_what_counts_SW_INCR_and_is_enabled() {
        start("cortex-a57", 1, FOREVER);
        b.set("PMEVTYPER0_EL0", SW_INCR);
        b.set("PMEVTYPER1_EL0", CPU_CYCLES);
        b.set("PMEVTYPER2_EL0", SW_INCR);
        b.set("PMCNTENSET_EL0", 3);
        b.set("PMINTENSET_EL1", 1);
        b.set("PMEVCNTR0_EL0", 0xffff_ffffL);
        b.set("PMSWINC_EL0", 7);
        assertTrue(line);
        assertEquals(0, b.get("PMEVCNTR0_EL0"));
        assertEquals(0, b.get("PMEVCNTR1_EL0"));
        assertEquals(0, b.get("PMEVCNTR2_EL0"));
    }

    /** EL0 runs three NOPs and SVC, EL1 one NOP and ERET, over and over. */
    @ParameterizedTest
    @CsvSource({"0x80000000,4000", "0x40000000,2000", "0,6000", "0xc0000000,0"})
    void counters_filter_by_exception_level(String filter, long expected) {
        start("neoverse-n1", 1, NOP, ERET);
        place(Bare.RAM + 0x400, NOP, ERET);
        place(Bare.RAM + 0x1000, NOP, NOP, NOP, SVC);
        b.set("VBAR_EL1", Bare.RAM);
        b.set("ELR_EL1", Bare.RAM + 0x1000);
        b.set("SPSR_EL1", 0);
        b.set("PMEVTYPER0_EL0", Long.decode(filter) | INST_RETIRED);
        b.set("PMCCFILTR_EL0", Long.decode(filter));
        b.machine.run(2);
        b.set("PMCNTENSET_EL0", CYCLES | 1);
        for (int i = 0; i < 1000; i++) {
            b.machine.run(6);
            b.cpu.branchTo(Bare.RAM + 0x1000);
        }
        assertEquals(expected, b.get("PMCCNTR_EL0"));
        assertEquals(expected, b.get("PMEVCNTR0_EL0"), "SVC and ERET are architecturally executed, at the level that they leave");
    }

    @Test
    void an_instruction_that_faults_takes_a_cycle_and_is_not_retired() {
        start("neoverse-n1", 1, NOP, 0, FOREVER);
        place(Bare.RAM + 0x10200, FOREVER);
        b.set("VBAR_EL1", Bare.RAM + 0x10000);
        b.set("PMEVTYPER0_EL0", INST_RETIRED);
        b.set("PMCNTENSET_EL0", CYCLES | 1);
        b.machine.run(10);
        assertEquals(10, b.get("PMCCNTR_EL0"));
        assertEquals(9, b.get("PMEVCNTR0_EL0"));
    }

    @Test
    void a_CPU_that_waits_has_no_cycles() {
        start("neoverse-n1", 1, WFI, FOREVER);
        b.set("PMCNTENSET_EL0", CYCLES);
        b.set("CNTV_CVAL_EL0", 100_000);
        b.set("CNTV_CTL_EL0", 1);
        b.machine.run(10);
        assertEquals(1, b.get("PMCCNTR_EL0"));
    }

    @Test
    void EL2_takes_counters_for_itself_by_HPMN() {
        start("neoverse-n1", 2, FOREVER);
        b.set("MDCR_EL2", 4);
        b.set("PMCNTENSET_EL0", CYCLES | 0x3f);
        for (int n = 0; n < 6; n++) {
            b.set("PMEVTYPER" + n + "_EL0", 1L << 27 | CPU_CYCLES);
        }
        b.machine.run(100);
        assertEquals(100, b.get("PMEVCNTR3_EL0"));
        assertEquals(0, b.get("PMEVCNTR4_EL0"), "HPME is clear");
        b.set("MDCR_EL2", 4 | 1 << 7 | 1 << 17);
        b.machine.run(100);
        assertEquals(100, b.get("PMEVCNTR3_EL0"), "HPMD: nothing of EL1's counts at EL2");
        assertEquals(100, b.get("PMEVCNTR5_EL0"));
        b.cpu.el = 1;
        assertEquals(4 << 11, b.get("PMCR_EL0") & 0x1f << 11);
        assertEquals(CYCLES | 0xf, b.get("PMCNTENSET_EL0"));
        assertEquals(0, b.get("PMEVCNTR5_EL0"));
        b.set("PMCR_EL0", 2);
        b.cpu.el = 2;
        assertEquals(0, b.get("PMEVCNTR3_EL0"));
        assertEquals(100, b.get("PMEVCNTR5_EL0"), "EL1 does not reset it");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 777, 10_000, 10_001})
    void a_snapshot_in_the_middle_changes_nothing(long at) {
        start("max", 1, FOREVER);
        b.set("PMEVTYPER0_EL0", INST_RETIRED);
        b.set("PMCNTENSET_EL0", CYCLES | 1);
        b.set("PMINTENSET_EL1", 1);
        b.set("PMEVCNTR0_EL0", 0xffff_ffffL - 12_344);
        b.machine.run(at);
        byte[] snapshot = b.machine.snapshot();
        b.machine.run(20_000);
        long hash = b.machine.stateHash();
        assertEquals(12_345, raisedAt);
        raisedAt = -1;
        line = false;
        b.machine.restore(snapshot);
        b.machine.run(20_000);
        assertEquals(12_345, raisedAt);
        assertEquals(hash, b.machine.stateHash());
    }

    @Test
    void a_model_without_them_has_none_of_their_registers() {
        b = new Bare(1, CachePolicy.NONE, Arm64Config.defaults(), 1);
        place(Bare.RAM, 0xd53b9c00);
        b.set("VBAR_EL1", Bare.RAM + 0x1000);
        b.machine.run(1);
        assertEquals(0x2000000, b.get("ESR_EL1"), "MRS X0, PMCR_EL0 is UNDEFINED");
        b.set("MDCR_EL2", -1);
        assertEquals(0xf00, b.get("MDCR_EL2"));
    }
}
