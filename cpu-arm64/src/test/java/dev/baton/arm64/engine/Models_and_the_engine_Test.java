package dev.baton.arm64.engine;

import static dev.baton.arm64.engine.Encode.word;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.Hcr;
import dev.baton.core.cpu.Cpu;
import dev.baton.core.cpu.GuestFault;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** Guest subroutines called by models, watched addresses, waiting, and what reports ask for. */
class Models_and_the_engine_Test {
    private static final long PC = 0x4000_0000L;
    private static final int RET = word("RET", "Rn", 30);
    private static final int HLT1 = word("HLT", "imm16", 1);
    private static final int HLT2 = word("HLT", "imm16", 2);

    private final Machine machine = new Machine();
    private Arm64Cpu cpu;

    /** {@code add Xr, Xr, #1}. */
    private static int add(int r) {
        return word("ADD_imm", "sf", 1, "imm12", 1, "Rn", r, "Rd", r);
    }

    private void start(BiFunction<Cpu, Integer, Boolean> model, int... words) {
        Ram ram = new Ram(PC, 1 << 20, CachePolicy.STRICT);
        machine.bus().add(ram);
        cpu = new Arm64Cpu(machine, 0, Arm64Config.defaults().withModelCalls((c, n) -> {
            if (n == 2) {
                machine.stop(StopReason.REQUESTED);
                return true;
            }
            return model.apply(c, n);
        }));
        machine.add(cpu);
        ByteBuffer b = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int w : words) {
            b.putInt(w);
        }
        ram.place(PC, b.array(), 0, b.capacity());
        TreeMap<String, Long> at = new TreeMap<>();
        at.put("pc", PC);
        at.put("el", 1L);
        cpu.powerOn(at);
    }

    @Test
    void a_guest_subroutine_gets_its_arguments_and_leaves_everything_else_as_it_was() {
        long[] result = new long[1];
        // 0: hlt #1; 4: hlt #2; 8: madd x0, x0, x1, x2; 12: add x5, x5, #1; 16: ret
        start((c, n) -> {
            result[0] = c.callGuest(PC + 8, 6, 7, 100);
            return true;
        }, HLT1, HLT2, word("MADD", "sf", 1, "Rm", 1, "Ra", 2, "Rn", 0, "Rd", 0), add(5), RET);
        cpu.x[5] = 55;
        cpu.x[0] = 11;
        machine.run(1000);
        assertEquals(142, result[0]);
        assertEquals(55, cpu.x[5]);
        assertEquals(11, cpu.x[0]);
        assertEquals(PC + 8, cpu.pc());
        assertEquals(5, cpu.instructions(), "both model calls and three of the subroutine");
    }

    @Test
    void subroutines_nest_when_one_calls_the_model_again() {
        start((c, n) -> {
            c.argument(1, c.register("pc") == PC ? c.callGuest(PC + 8, 1) : c.callGuest(PC + 16, 41));
            return true;
        }, HLT1, HLT2, HLT1, word("ORR_reg", "sf", 1, "Rm", 1, "Rn", 31, "Rd", 0), add(0), RET);
        cpu.x[30] = 0x77;
        machine.run(1000);
        assertEquals(43, cpu.x[1], "41 + 1 by the inner call, + 1 as the outer falls into the same code");
        assertEquals(0x77, cpu.x[30]);
    }

    @Test
    void a_subroutine_that_switches_the_cpu_off_is_a_fault_of_the_model() {
        List<String> messages = new ArrayList<>();
        start((c, n) -> {
            if (n == 3) {
                c.powerOff();
                return true;
            }
            messages.add(assertThrows(GuestFault.class, () -> c.callGuest(PC + 8)).getMessage());
            machine.stop(StopReason.REQUESTED);
            return true;
        }, HLT1, HLT2, word("HLT", "imm16", 3), RET);
        machine.run(1000);
        assertEquals(List.of("the guest subroutine at 0x40000008 did not return"), messages);
    }

    @Test
    void a_watched_address_calls_once_before_it_executes_even_inside_a_hot_loop() {
        // 0: add x1, x1, #1; 4: add x2, x2, #1; 8: cmp x1, #100; 12: b.ne 0; 16: hlt #2
        start((c, n) -> false, add(1), add(2),
                word("SUBS_imm", "sf", 1, "imm12", 100, "Rn", 1, "Rd", 31), word("B_cond", "imm19", -3, "cond", 1), HLT2);
        machine.run(200);
        List<Long> seen = new ArrayList<>();
        cpu.callBefore(PC + 4, () -> {
            seen.add(cpu.pc());
            seen.add(cpu.x[1] - cpu.x[2]);
        });
        machine.run(1000);
        assertEquals(List.of(PC + 4, 1L), seen);
        assertEquals(100, cpu.x[2]);
    }

    @Test
    void a_withdrawn_watch_does_not_call() {
        start((c, n) -> false, add(1), HLT2);
        cpu.callBefore(PC + 4, () -> {
            throw new AssertionError("called");
        });
        cpu.callBefore(PC + 4, null);
        machine.run(1000);
        assertEquals(1, cpu.x[1]);
    }

    private StopReason vectorThatFaults(long hcr) {
        start((c, n) -> false, word("UDF"));
        cpu.register("vbar_el1", PC + 0x8000_0000L);
        cpu.register("hcr_el2", hcr);
        return machine.run(1000);
    }

    @Test
    void a_vector_that_faults_itself_ends_the_run() {
        assertEquals(StopReason.EXCEPTION_LOOP, vectorThatFaults(0));
        assertEquals(PC + 0x8000_0200L, cpu.pc());
        assertTrue(cpu.instructions() < 4, () -> cpu.instructions() + " instructions");
    }

    @Test
    void a_vector_that_faults_itself_goes_on_while_an_interrupt_may_go_to_the_level_above() {
        assertEquals(StopReason.LIMIT, vectorThatFaults(Hcr.IMO));
    }

    @Test
    void a_vector_that_faults_itself_goes_on_while_another_CPU_is_on() {
        start((c, n) -> false, word("B", "imm26", 0));
        Arm64Cpu other = new Arm64Cpu(machine, 1, Arm64Config.defaults());
        machine.add(other);
        TreeMap<String, Long> nowhere = new TreeMap<>();
        nowhere.put("pc", 0L);
        nowhere.put("el", 1L);
        other.powerOn(nowhere);
        assertEquals(StopReason.LIMIT, machine.run(1000));
    }

    /** At PC: add x1, then to the page after; there: hlt #2. */
    private List<Long> identityPages(long pstate) {
        start((c, n) -> false, add(1), word("B", "imm26", 1023));
        machine.bus().ram(PC).place(PC + 4096, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(HLT2).array(), 0, 4);
        cpu.register("pstate", pstate);
        List<Long> seen = new ArrayList<>();
        cpu.whenIdentityPageBegins(() -> {
            seen.add(cpu.pc());
            seen.add(cpu.x[1]);
        });
        machine.run(100);
        return seen;
    }

    @Test
    void privileged_code_tells_when_it_begins_a_page_that_lies_where_it_says() {
        assertEquals(List.of(PC, 0L, PC + 4096, 1L), identityPages(0x3c5));
    }

    @Test
    void programs_of_users_do_not_tell() {
        assertEquals(List.of(), identityPages(0x3c0));
    }

    @Test
    void wfe_passes_on_an_event_and_waits_without_one() {
        // sevl; wfe; add x1; wfe; add x1; hlt #2
        int add = add(1);
        start((c, n) -> false, word("SEVL"), word("WFE"), add, word("WFE"), add, HLT2);
        assertEquals(StopReason.DEADLOCK, machine.run(1000));
        assertEquals(1, cpu.x[1]);
        machine.sendEvent();
        assertEquals(StopReason.REQUESTED, machine.run(1000));
        assertEquals(2, cpu.x[1]);
    }

    @Test
    void wfe_with_the_monitor_set_looks_again_after_a_quantum() {
        start((c, n) -> false, word("LDXR", "size", 3, "Rs", 31, "Rt2", 31, "Rn", 0, "Rt", 1), word("WFE"), HLT2);
        cpu.x[0] = PC + 0x1000;
        assertEquals(StopReason.REQUESTED, machine.run(1000));
        assertEquals(Machine.QUANTUM + 1, machine.clock().now() - 1, "two instructions, a quantum, and the model call");
    }

    @Test
    void wfi_ends_with_a_masked_interrupt_too() {
        start((c, n) -> false, word("WFI"), HLT2);
        assertEquals(StopReason.DEADLOCK, machine.run(1000));
        cpu.interrupt("irq").set(true);
        assertEquals(StopReason.REQUESTED, machine.run(1000));
    }

    @Test
    void the_last_branches_are_reported_from_the_branch_to_its_target_newest_first() {
        // 0: nop; 4: b 12; 8: hlt #2; 12: nop; 16: b 8
        start((c, n) -> false, word("NOP"), word("B", "imm26", 2), HLT2, word("NOP"), word("B", "imm26", -2));
        machine.run(1000);
        assertArrayEquals(new long[] {PC + 16, PC + 8, PC + 4, PC + 12}, cpu.lastBranches());
    }

    @Test
    void a_stale_instruction_line_executes_the_same_after_a_snapshot_as_without() {
        // The loop runs; a model then patches "add x1" to "add x2" in it and forgets the maintenance; the loop runs again.
        try (Paged p = new Paged(add(1), word("SUBS_imm", "sf", 1, "imm12", 1, "Rn", 3, "Rd", 3), word("B_cond", "imm19", -2, "cond", 1),
                word("MOVZ", "sf", 1, "imm16", 5, "Rd", 3), word("B", "imm26", -4))) {
            p.cpu.x[3] = 10;
            p.machine.run(32);
            p.cpu.storeVirtual(Paged.CODE, 4, add(2));
            byte[] snapshot = p.machine.snapshot();
            p.machine.run(16);
            long x1 = p.cpu.x[1];
            long x2 = p.cpu.x[2];
            assertEquals(0, x2, "the old instruction is still in the cache");
            p.machine.restore(snapshot);
            p.machine.run(16);
            assertEquals(x1, p.cpu.x[1]);
            assertEquals(x2, p.cpu.x[2]);
            p.cpu.invalidateInstructions();
            p.machine.run(16);
            assertEquals(true, p.cpu.x[2] > 0, "after IC IALLU the new one is fetched");
        }
    }

    @Test
    void a_guest_that_executes_all_of_memory_does_not_fill_the_host() {
        int[] nops = new int[16 << 20];
        java.util.Arrays.fill(nops, word("NOP"));
        Ram ram = new Ram(PC, 64L << 20, CachePolicy.NONE);
        machine.bus().add(ram);
        cpu = new Arm64Cpu(machine, 0, Arm64Config.defaults());
        machine.add(cpu);
        ByteBuffer b = ByteBuffer.allocate(4 * nops.length).order(ByteOrder.LITTLE_ENDIAN);
        b.asIntBuffer().put(nops);
        ram.place(PC, b.array(), 0, b.capacity());
        TreeMap<String, Long> at = new TreeMap<>();
        at.put("pc", PC);
        at.put("el", 1L);
        cpu.powerOn(at);
        for (long done = 0; done < nops.length - 10; done += 1_000_000) {
            machine.run(Math.min(1_000_000, nops.length - 10 - done));
            assertEquals(true, cpu.engine.code.decoded() <= CodeCache.MOST_DECODED + 64, cpu.engine.code.decoded() + " decoded");
            assertEquals(true, cpu.engine.code.pages() <= CodeCache.MOST_PAGES, cpu.engine.code.pages() + " pages");
        }
        assertEquals(PC + 4L * (nops.length - 10), cpu.pc());
    }
}
