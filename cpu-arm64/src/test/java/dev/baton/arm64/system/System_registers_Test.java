package dev.baton.arm64.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.GuestException;
import dev.baton.core.cpu.SystemRegisterPort;
import dev.baton.core.mem.CachePolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Access rules and behaviour of system registers, by the encodings that MRS and MSR carry. */
class System_registers_Test {
    private static final int OK = -1;
    private static final int SCTLR_EL1 = key(3, 0, 1, 0, 0);
    private static final int SCTLR_EL12 = key(3, 5, 1, 0, 0);
    private static final int TTBR0_EL1 = key(3, 0, 2, 0, 0);
    private static final int CTR_EL0 = key(3, 3, 0, 0, 1);
    private static final int DAIF = key(3, 3, 4, 2, 1);
    private static final int MIDR_EL1 = key(3, 0, 0, 0, 0);
    private static final int ID_AA64PFR0_EL1 = key(3, 0, 0, 4, 0);
    private static final long VHE = 1L << 34;
    private static final long TGE = 1L << 27;

    private static int key(int op0, int op1, int crn, int crm, int op2) {
        return op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2;
    }

    private static Bare at(int el) {
        Bare b = new Bare(Math.max(1, el));
        b.cpu.el = el;
        b.cpu.mmu.contextChanged();
        return b;
    }

    /** -1 if the access is made, 0 if UNDEFINED, else the level that traps it. */
    private static int access(Bare b, int key, boolean write) {
        try {
            if (write) {
                b.cpu.sysregs.write(key, 0);
            } else {
                b.cpu.sysregs.read(key);
            }
            return OK;
        } catch (GuestException e) {
            assertEquals(b.cpu.pending.targetEl == 0 ? 0 : 0x18, b.cpu.pending.ec);
            return b.cpu.pending.targetEl;
        }
    }

    @Test
    void a_lower_level_finds_the_registers_of_a_higher_one_undefined() {
        try (Bare b = at(1)) {
            assertEquals(0, access(b, key(3, 4, 1, 1, 0), false), "HCR_EL2 at EL1");
            assertEquals(OK, access(b, SCTLR_EL1, false));
            b.cpu.el = 0;
            assertEquals(0, access(b, SCTLR_EL1, false));
        }
    }

    @Test
    void read_only_and_write_only_registers_are_undefined_the_other_way() {
        try (Bare b = at(1)) {
            assertEquals(0, access(b, MIDR_EL1, true));
            assertEquals(0, access(b, key(2, 0, 1, 0, 4), false), "OSLAR_EL1");
            assertEquals(OK, access(b, key(2, 0, 1, 0, 4), true));
        }
    }

    @Test
    void the_whole_identification_space_reads_zero_where_nothing_is_allocated() {
        try (Bare b = at(1)) {
            for (int crm = 1; crm <= 7; crm++) {
                for (int op2 = 0; op2 < 8; op2++) {
                    b.cpu.sysregs.read(key(3, 0, 0, crm, op2));
                }
            }
            assertEquals(0, b.cpu.sysregs.read(key(3, 0, 0, 7, 7)));
            assertEquals(0, access(b, key(3, 0, 0, 0, 1), false), "CRm = 0 is not part of it");
            assertEquals(1, b.machine.findings().all().size(), "which is reported once");
            assertTrue(b.machine.findings().all().getFirst().what().contains("S3_0_C0_C0_1"));
        }
    }

    @Test
    void an_unknown_register_is_undefined_and_reported_once_by_name_and_pc() {
        try (Bare b = at(1)) {
            b.cpu.branchTo(0x4000_1234L);
            assertEquals(0, access(b, key(3, 3, 15, 1, 1), true));
            assertEquals(0, access(b, key(3, 3, 15, 1, 1), true));
            assertEquals(1, b.machine.findings().all().size());
            assertEquals("not-modelled", b.machine.findings().all().getFirst().rule());
            assertEquals(0x4000_1234L, b.machine.findings().all().getFirst().pc());
        }
    }

    /** Register, HCR_EL2 bit, and whether reads and writes at EL1 are trapped to EL2 by it. */
    @ParameterizedTest
    @CsvSource({
        "3,0,1,0,0,26,false,true", "3,0,1,0,0,30,true,false", "3,0,2,0,0,26,false,true", "3,0,2,0,2,30,true,false",
        "3,0,0,4,0,18,true,false", "3,0,0,7,7,18,true,false", "3,0,0,0,6,16,true,false", "3,1,0,0,1,17,true,false",
        "3,2,0,0,0,17,true,true", "3,0,1,0,1,21,true,true"})
    void hcr_traps_what_el1_does(int op0, int op1, int crn, int crm, int op2, int bit, boolean reads, boolean writes) {
        int key = key(op0, op1, crn, crm, op2);
        try (Bare b = at(1)) {
            assertEquals(OK, access(b, key, false));
            b.set("HCR_EL2", 1L << bit);
            assertEquals(reads ? 2 : OK, access(b, key, false));
            if (writes || reads && op1 == 0 && crn == 1) {
                assertEquals(writes ? 2 : OK, access(b, key, true));
            }
            b.cpu.el = 2;
            assertEquals(OK, access(b, key, false), "EL2 itself is not trapped");
        }
    }

    @Test
    void the_syndrome_of_a_trapped_access_spells_the_instruction() {
        try (Bare b = at(1)) {
            b.set("HCR_EL2", 1L << 26 | 1L << 30);
            b.ram.place(Bare.RAM, new byte[] {9, 0x20, 0x18, (byte) 0xd5}, 0, 4);
            b.cpu.branchTo(Bare.RAM);
            assertEquals(2, access(b, TTBR0_EL1, true));
            assertEquals(3 << 20 | 2 << 10 | 9 << 5, b.cpu.pending.iss, "op0 3, CRn 2, Rt 9, write");
            assertEquals(2, access(b, TTBR0_EL1, false));
            assertEquals(3 << 20 | 2 << 10 | 9 << 5 | 1, b.cpu.pending.iss, "read");
        }
    }

    @Test
    void el0_needs_sctlr_uct_for_ctr_and_uma_for_daif() {
        try (Bare b = at(0)) {
            assertEquals(1, access(b, CTR_EL0, false));
            assertEquals(1, access(b, DAIF, false));
            assertEquals(OK, access(b, key(3, 3, 0, 0, 7), false), "DCZID_EL0 needs nothing");
            b.set("SCTLR_EL1", 1 << 15 | 1 << 9);
            assertEquals(OK, access(b, CTR_EL0, false));
            assertEquals(OK, access(b, DAIF, false));
            b.set("SCTLR_EL1", 0);
            b.set("HCR_EL2", TGE);
            assertEquals(2, access(b, CTR_EL0, false), "under TGE the trap goes to EL2");
        }
    }

    @Test
    void daifset_and_daifclr_change_the_masks() {
        try (Bare b = at(1)) {
            b.cpu.daif = 0;
            b.cpu.sysregs.msrImmediate(3, 0b0011, 6);
            assertEquals(0xc0, b.cpu.daif);
            b.cpu.sysregs.msrImmediate(3, 0b0001, 7);
            assertEquals(0x80, b.cpu.daif);
            b.cpu.sysregs.msrImmediate(0, 1, 4);
            assertTrue(b.cpu.pan);
            assertEquals(1 << 22, b.get("PAN"));
        }
    }

    @Test
    void spsel_swaps_the_stack_pointer_and_sp_el0_is_undefined_while_in_use() {
        try (Bare b = at(1)) {
            b.cpu.x[31] = 0x1000;
            b.cpu.sysregs.write(key(3, 0, 4, 1, 0), 0x2000);
            b.cpu.sysregs.msrImmediate(0, 0, 5);
            assertEquals(0x2000, b.cpu.x[31]);
            assertEquals(0, access(b, key(3, 0, 4, 1, 0), false));
            b.cpu.sysregs.msrImmediate(0, 1, 5);
            assertEquals(0x1000, b.cpu.x[31]);
        }
    }

    @Test
    void without_e2h_the_el1_and_el2_registers_are_two_and_the_aliases_undefined() {
        try (Bare b = at(2)) {
            b.cpu.sysregs.write(key(3, 0, 6, 0, 0), 1);
            b.cpu.sysregs.write(key(3, 4, 6, 0, 0), 2);
            assertEquals(1, b.cpu.sysregs.read(key(3, 0, 6, 0, 0)), "FAR_EL1 is not FAR_EL2: how Linux probes for E2H");
            assertEquals(0, access(b, SCTLR_EL12, false));
        }
    }

    @Test
    void with_e2h_the_el1_names_reach_el2_and_the_el12_names_el1() {
        try (Bare b = at(2)) {
            b.set("HCR_EL2", VHE | 1L << 31);
            b.cpu.sysregs.write(key(3, 0, 6, 0, 0), 5);
            assertEquals(5, b.get("FAR_EL2"));
            assertEquals(0, b.get("FAR_EL1"));
            b.cpu.sysregs.write(key(3, 5, 6, 0, 0), 7);
            assertEquals(7, b.get("FAR_EL1"));
            b.cpu.sysregs.write(SCTLR_EL1, 1 << 12);
            assertEquals(1 << 12, b.get("SCTLR_EL2") & 1 << 12);
            assertEquals(0, b.get("SCTLR_EL1") & 1 << 12);
            b.cpu.el = 1;
            assertEquals(0, access(b, SCTLR_EL12, false), "and at EL1 they are nothing");
            b.cpu.sysregs.write(key(3, 0, 6, 0, 0), 9);
            assertEquals(9, b.get("FAR_EL1"), "EL1 itself is not redirected");
        }
    }

    /** Every register with an EL2 partner, written through the EL1 name at EL2 of a host. */
    @ParameterizedTest
    @ValueSource(strings = {"SCTLR", "TTBR0", "TTBR1", "TCR", "SPSR", "ELR", "ESR", "FAR", "MAIR", "VBAR", "CONTEXTIDR"})
    void each_redirected_register_lands_at_el2(String name) {
        try (Bare b = at(2)) {
            b.set("HCR_EL2", VHE | 1L << 31);
            long el1 = b.get(name + "_EL1");
            int key = Map.of("SCTLR", SCTLR_EL1, "TTBR0", TTBR0_EL1, "TTBR1", key(3, 0, 2, 0, 1), "TCR", key(3, 0, 2, 0, 2),
                    "SPSR", key(3, 0, 4, 0, 0), "ELR", key(3, 0, 4, 0, 1), "ESR", key(3, 0, 5, 2, 0), "FAR", key(3, 0, 6, 0, 0),
                    "MAIR", key(3, 0, 10, 2, 0), "VBAR", key(3, 0, 12, 0, 0)).getOrDefault(name, key(3, 0, 13, 0, 1));
            long value = name.equals("SCTLR") ? b.get("SCTLR_EL2") ^ 2 : 0x4000_0800L;
            b.cpu.sysregs.write(key, name.equals("SPSR") ? 0x3c5 : value);
            assertEquals(name.equals("SPSR") ? 0x3c5 : value, b.get(name + "_EL2"));
            assertEquals(el1, b.get(name + "_EL1"));
        }
    }

    @Test
    void midr_and_mpidr_at_el1_are_what_the_hypervisor_says() {
        try (Bare b = at(1)) {
            assertEquals(0x000f0510, b.get("MIDR_EL1"));
            assertEquals(0x8000_0000L, b.cpu.sysregs.read(key(3, 0, 0, 0, 5)));
            b.set("VPIDR_EL2", 0x410fd034);
            assertEquals(0x410fd034, b.cpu.sysregs.read(MIDR_EL1));
            b.cpu.el = 2;
            assertEquals(0x000f0510, b.cpu.sysregs.read(MIDR_EL1));
        }
    }

    @Test
    void the_levels_and_the_gic_that_the_machine_has_show_in_the_identification() {
        try (Bare b = at(1)) {
            assertEquals(0x111, b.cpu.sysregs.read(ID_AA64PFR0_EL1) & 0xfff);
            assertEquals(0, b.cpu.sysregs.read(ID_AA64PFR0_EL1) >>> 24 & 15, "no GIC is wired");
            assertEquals(1, b.get("ID_AA64MMFR1_EL1") >>> 8 & 15, "VHE");
        }
        SystemRegisterPort gic = new RecordingGic(new ArrayList<>());
        try (Bare b = new Bare(1, CachePolicy.STRICT, Arm64Config.defaults().withLevels(false, false).withGic(gic, Map.of()), 1)) {
            assertEquals(0x011, b.cpu.sysregs.read(ID_AA64PFR0_EL1) & 0xfff);
            assertEquals(1, b.cpu.sysregs.read(ID_AA64PFR0_EL1) >>> 24 & 15);
            assertEquals(0, b.get("ID_AA64MMFR1_EL1") >>> 8 & 15, "no VHE without EL2");
        }
    }

    private record RecordingGic(List<String> calls) implements SystemRegisterPort {
        @Override
        public long read(int cpu, String register) {
            calls.add("read " + register + " of " + cpu);
            return 0x2a;
        }

        @Override
        public void write(int cpu, String register, long value) {
            calls.add("write " + register + " of " + cpu + " = " + value);
        }
    }

    @Test
    void the_cpu_interface_of_the_gic_is_reached_by_name() {
        List<String> calls = new ArrayList<>();
        try (Bare b = new Bare(1, CachePolicy.STRICT, Arm64Config.defaults().withGic(new RecordingGic(calls), Map.of()), 2)) {
            assertEquals(0x2a, b.cpu(1).sysregs.read(key(3, 0, 12, 12, 0)));
            b.cpu.sysregs.write(key(3, 0, 4, 6, 0), 0xf0);
            assertEquals(List.of("read ICC_IAR1_EL1 of 1", "write ICC_PMR_EL1 of 0 = 240"), calls);
        }
    }

    @Test
    void reserved_bits_stay_as_the_architecture_fixes_them() {
        try (Bare b = at(2)) {
            b.set("SCTLR_EL1", 0x0200_0020_34f4_d91dL);
            assertEquals(0x34f4_d91dL & 0x78dd21fL | 0x3050_0980L, b.get("SCTLR_EL1"), "what Linux 7.2 writes, without EPAN and ITFSB");
            b.set("SCTLR_EL1", 0);
            assertEquals(0x3050_0980L, b.get("SCTLR_EL1"));
            b.set("VBAR_EL1", 0xffff_8000_1234_5fffL);
            assertEquals(0xffff_8000_1234_5800L, b.get("VBAR_EL1"));
            b.set("HCR_EL2", -1L);
            assertEquals(0x7_ffff_ffffL, b.get("HCR_EL2"));
        }
    }

    @Test
    void ccsidr_shows_the_cache_that_csselr_selects() {
        try (Bare b = at(1)) {
            b.set("CSSELR_EL1", 2);
            assertEquals(0x70ffe07aL, b.get("CCSIDR_EL1"));
            b.set("CSSELR_EL1", 0);
            assertEquals(0x701fe00aL, b.get("CCSIDR_EL1"));
        }
    }

    @Test
    void the_os_lock_is_seen_in_oslsr() {
        try (Bare b = at(1)) {
            assertEquals(0xa, b.get("OSLSR_EL1"), "locked at reset");
            b.cpu.sysregs.write(key(2, 0, 1, 0, 4), 0);
            assertEquals(0x8, b.get("OSLSR_EL1"));
        }
    }

    @Test
    void power_on_resets_every_register() {
        try (Bare b = new Bare(1); Bare fresh = new Bare(1)) {
            for (String name : List.of("TTBR0_EL1", "VBAR_EL1", "TPIDR_EL0", "CNTV_CVAL_EL0", "CNTV_CTL_EL0", "MAIR_EL1", "PAR_EL1",
                    "SP_EL0")) {
                b.set(name, 0x4000_0801L);
            }
            b.set("SCTLR_EL1", 1);
            b.cpu.pan = true;
            assertNotEquals(fresh.cpu.sysregs.hash(), b.cpu.sysregs.hash());
            java.util.TreeMap<String, Long> at = new java.util.TreeMap<>(Map.of("el", 1L, "pc", Bare.RAM));
            b.cpu.powerOn(at);
            assertEquals(fresh.cpu.sysregs.hash(), b.cpu.sysregs.hash());
            assertEquals(fresh.cpu.stateHash(), b.cpu.stateHash());
            assertEquals(0, b.get("CNTV_CTL_EL0"));
        }
    }

    @Test
    void firmware_hands_over_with_nothing_trapped_and_the_mmu_off() {
        try (Bare b = new Bare(1)) {
            assertEquals(1L << 31, b.get("HCR_EL2"));
            assertEquals(3, b.get("CNTHCTL_EL2"));
            assertEquals(0x3c0, b.cpu.daif);
            assertTrue(b.cpu.spSel);
        }
        try (Bare b = new Bare(2)) {
            assertEquals(2, b.cpu.el);
            assertEquals(0, b.get("SCTLR_EL2") & 0x1005, "M, C and I are off");
        }
    }

    @Test
    void starting_at_a_level_that_is_not_there_is_refused() {
        Arm64Config config = Arm64Config.defaults().withLevels(false, false);
        String message = org.junit.jupiter.api.Assertions.assertThrows(IllegalArgumentException.class,
                () -> new Bare(2, CachePolicy.STRICT, config, 1)).getMessage();
        assertEquals("CPU 0: cannot start at EL2; it has EL1 to EL1", message);
    }

    @Test
    void registers_survive_a_snapshot() {
        try (Bare b = new Bare(1); Bare other = new Bare(1)) {
            b.set("TTBR0_EL1", 0x1234_5000);
            b.set("CNTV_CVAL_EL0", 77);
            var out = new dev.baton.core.machine.StateWriter();
            b.cpu.sysregs.save(out);
            other.cpu.sysregs.load(new dev.baton.core.machine.StateReader(out.toByteArray()));
            assertEquals(0x1234_5000, other.get("TTBR0_EL1"));
            assertEquals(77, other.get("CNTV_CVAL_EL0"));
            assertEquals(b.cpu.sysregs.hash(), other.cpu.sysregs.hash());
        }
    }

    @Test
    void an_unknown_name_is_one_clear_sentence() {
        try (Bare b = new Bare(1)) {
            Arm64Cpu cpu = b.cpu;
            assertEquals("arm64 CPU: no system register is named 'sctlr_el9'", org.junit.jupiter.api.Assertions.assertThrows(
                    IllegalArgumentException.class, () -> cpu.sysregs.readByName("sctlr_el9")).getMessage());
        }
    }
}
