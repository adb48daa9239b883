package dev.baton.arm64.engine;

import static dev.baton.arm64.engine.Encode.word;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Alignment, page crossings, byte order, aborts, exclusives: what the fast path hands over. */
class Memory_slow_path_Test {
    private static final int LDR_X1 = word("LDR_imm", "size", 3, "Rn", 0, "Rt", 1);
    private static final int STR_X1 = word("STR_imm", "size", 3, "Rn", 0, "Rt", 1);
    private static final int LDXR = word("LDXR", "size", 3, "Rs", 31, "Rt2", 31, "Rn", 0, "Rt", 1);
    private static final int STXR = word("STXR", "size", 3, "Rs", 3, "Rt2", 31, "Rn", 0, "Rt", 2);
    private static final long ALIGNMENT = 0x9600_0021L;
    private static final long WNR = 0x40;
    private static final long EXTERNAL = 0x9600_0010L;

    private static Paged run(long x0, int... code) {
        Paged p = new Paged(code);
        p.cpu.x[0] = x0;
        p.cpu.x[1] = 0x0102_0304_0506_0708L;
        p.cpu.x[2] = 0x99;
        p.run(1000, 1000);
        return p;
    }

    private static int[] program(int... words) {
        int[] all = java.util.Arrays.copyOf(words, words.length + 1);
        all[words.length] = Paged.HLT;
        return all;
    }

    private static void assertFault(Paged p, long esr, long far, long elr) {
        assertEquals(Long.toHexString(esr), Long.toHexString(p.cpu.register("esr_el1")));
        assertEquals(Long.toHexString(far), Long.toHexString(p.cpu.register("far_el1")));
        assertEquals(Long.toHexString(elr), Long.toHexString(p.cpu.register("elr_el1")));
    }

    @Test
    void a_misaligned_store_across_two_pages_reads_back() {
        long va = Paged.DATA + 4096 - 3;
        try (Paged p = run(va, program(STR_X1, word("MOVZ", "sf", 1, "Rd", 1), LDR_X1))) {
            assertEquals(0x0102_0304_0506_0708L, p.cpu.x[1]);
            assertEquals(0x05, p.cpu.loadVirtual(Paged.DATA + 4096, 1));
        }
    }

    @Test
    void a_store_across_pages_of_which_the_second_faults_stores_nothing() {
        try (Paged p = new Paged(program(STR_X1))) {
            p.unmap(Paged.DATA + 4096);
            p.cpu.x[0] = Paged.DATA + 4096 - 3;
            p.cpu.x[1] = -1;
            p.run(1000, 1000);
            assertEquals(Long.toHexString(Paged.DATA + 4096), Long.toHexString(p.cpu.register("far_el1")));
            assertEquals(0, p.cpu.loadVirtual(Paged.DATA + 4096 - 8, 8));
        }
    }

    @Test
    void a_misaligned_access_faults_when_sctlr_a_is_set() {
        try (Paged p = new Paged(program(LDR_X1))) {
            p.cpu.register("sctlr_el1", p.cpu.register("sctlr_el1") | 2);
            p.cpu.x[0] = Paged.DATA + 1;
            p.run(1000, 1000);
            assertFault(p, ALIGNMENT, Paged.DATA + 1, Paged.CODE);
        }
    }

    @Test
    void a_misaligned_access_to_device_memory_faults_even_where_ram_is_behind_it() {
        try (Paged p = new Paged(program(word("LDR_imm", "size", 3, "Rn", 4, "Rt", 5), STR_X1))) {
            p.device(Paged.DATA);
            p.cpu.x[4] = Paged.DATA;
            p.cpu.x[0] = Paged.DATA + 4;
            p.run(1000, 1000);
            assertFault(p, ALIGNMENT | WNR, Paged.DATA + 4, Paged.CODE + 4);
        }
    }

    @Test
    void a_stack_pointer_that_is_not_16_byte_aligned_faults_as_base_when_sctlr_sa_is_set() {
        int load = word("LDR_imm", "size", 3, "Rn", 31, "Rt", 1);
        try (Paged p = new Paged(program(load))) {
            p.cpu.register("sctlr_el1", p.cpu.register("sctlr_el1") | 8);
            p.cpu.register("sp", Paged.DATA + 8);
            p.run(1000, 1000);
            assertEquals(0x26L << 26 | 1 << 25, p.cpu.register("esr_el1"));
        }
    }

    @Test
    void nobody_at_an_address_is_a_synchronous_external_abort() {
        try (Paged p = run(Paged.DEVICES + 0x100, program(LDR_X1))) {
            assertFault(p, EXTERNAL, Paged.DEVICES + 0x100, Paged.CODE);
        }
        try (Paged p = run(Paged.DEVICES + 0x100, program(STR_X1))) {
            assertFault(p, EXTERNAL | WNR, Paged.DEVICES + 0x100, Paged.CODE);
        }
    }

    @Test
    void big_endian_data_is_stored_most_significant_byte_first() {
        int loadWord = word("LDR_imm", "size", 2, "Rn", 0, "Rt", 3);
        int loadHalf = word("LDR_imm", "size", 1, "imm12", 3, "Rn", 0, "Rt", 4);
        try (Paged p = new Paged(program(STR_X1, loadWord, loadHalf))) {
            // MMU off: SCTLR_EL1.EE turns table walks round as well.
            p.cpu.register("sctlr_el1", 1 << 25);
            p.cpu.x[0] = Paged.DATA;
            p.cpu.x[1] = 0x0102_0304_0506_0708L;
            p.run(1000, 1000);
            byte[] bytes = new byte[8];
            p.cpu.readVirtual(Paged.DATA, bytes, 0, 8);
            assertEquals("[1, 2, 3, 4, 5, 6, 7, 8]", java.util.Arrays.toString(bytes));
            assertEquals(0x0102_0304L, p.cpu.x[3]);
            assertEquals(0x0708L, p.cpu.x[4]);
        }
    }

    @Test
    void an_atomic_that_is_not_aligned_faults_whatever_sctlr_says() {
        int ldadd = word("LDADD", "size", 3, "Rs", 1, "Rn", 0, "Rt", 2);
        try (Paged p = run(Paged.DATA + 4, program(ldadd))) {
            assertFault(p, ALIGNMENT, Paged.DATA + 4, Paged.CODE);
        }
    }

    @Test
    void a_store_exclusive_passes_once_after_its_load() {
        try (Paged p = run(Paged.DATA, program(LDXR, STXR, word("ADD_imm", "sf", 1, "Rn", 3, "Rd", 4), STXR))) {
            assertEquals(0, p.cpu.x[4]);
            assertEquals(1, p.cpu.x[3]);
            assertEquals(0x99, p.cpu.loadVirtual(Paged.DATA, 8));
        }
    }

    @Test
    void the_end_of_a_slice_opens_the_monitor_and_is_an_event() {
        try (Paged p = new Paged(program(LDXR, STXR))) {
            p.cpu.x[0] = Paged.DATA;
            p.machine.run(1);
            assertEquals(0, p.cpu.exclusiveSize);
            assertEquals(true, p.cpu.eventRegister);
            p.machine.run(1);
            assertEquals(1, p.cpu.x[3]);
        }
    }

    @Test
    void an_exception_return_opens_the_monitor() {
        try (Paged p = new Paged(program(LDXR, word("ERET"), 0, STXR))) {
            p.cpu.x[0] = Paged.DATA;
            p.cpu.register("elr_el1", Paged.CODE + 12);
            p.cpu.register("spsr_el1", 0x3c5);
            p.run(1000, 1000);
            assertEquals(1, p.cpu.x[3]);
        }
    }
}
