package dev.baton.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.cpu.Cpu.State;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;
import dev.baton.core.time.VirtualClock;
import dev.baton.core.trace.TraceHash;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

class MachineScheduleTest {
    private final Machine machine = new Machine();
    private final List<ScriptedCpu> cpus = new ArrayList<>();

    private ScriptedCpu cpu() {
        ScriptedCpu c = new ScriptedCpu(cpus.size());
        cpus.add(c);
        machine.add(c);
        return c;
    }

    private ScriptedCpu started() {
        ScriptedCpu c = cpu();
        c.powerOn(new TreeMap<>());
        return c;
    }

    @Test
    void a_run_ends_at_exactly_its_limit() {
        started();
        started();
        assertEquals(StopReason.LIMIT, machine.run(123_457));
        assertEquals(123_457, machine.instructions());
    }

    @Test
    void cpus_take_turns_and_none_is_more_than_a_quantum_ahead() {
        ScriptedCpu a = started();
        ScriptedCpu b = started();
        b.instruction = n -> assertTrue(Math.abs(a.count - b.count) <= Machine.QUANTUM, a.count + " against " + b.count);
        machine.run(1_000_000);
        assertEquals(a.count, b.count);
    }

    @Test
    void a_deadline_fires_after_exactly_that_many_instructions() {
        ScriptedCpu a = started();
        long[] firedAt = {-1};
        VirtualClock.Timer t = machine.clock().timer("t", () -> firedAt[0] = a.count);
        t.set(12_345);
        machine.run(50_000);
        assertEquals(12_345, firedAt[0]);
    }

    @Test
    void a_deadline_set_in_the_middle_of_a_slice_shortens_it() {
        ScriptedCpu a = started();
        long[] firedAt = {-1};
        VirtualClock.Timer t = machine.clock().timer("t", () -> firedAt[0] = a.count);
        a.instruction = n -> {
            if (n == 100) {
                t.set(machine.clock().now() + 50);
            }
        };
        machine.run(50_000);
        assertEquals(150, firedAt[0]);
    }

    @Test
    void time_skips_to_the_next_deadline_when_every_cpu_waits() {
        ScriptedCpu a = started();
        a.instruction = n -> {
            if (n == 10) {
                a.state = State.WAITING;
            }
        };
        long[] wokenAt = {0};
        machine.clock().timer("t", () -> {
            wokenAt[0] = machine.clock().now();
            a.eventReceived();
        }).set(1_000_000);
        assertEquals(StopReason.LIMIT, machine.run(11));
        assertEquals(1_000_000, wokenAt[0]);
        assertEquals(11, a.count);
        assertEquals(1_000_001, machine.clock().now());
    }

    @Test
    void waiting_with_no_deadline_is_a_deadlock() {
        ScriptedCpu a = started();
        a.instruction = n -> a.state = State.WAITING;
        assertEquals(StopReason.DEADLOCK, machine.run(1_000));
    }

    @Test
    void a_cpu_switched_on_late_starts_at_the_time_of_the_one_that_did_it() {
        ScriptedCpu a = started();
        ScriptedCpu b = cpu();
        long[] bornAt = {-1};
        a.instruction = n -> {
            if (n == 55_555) {
                b.powerOn(new TreeMap<>());
            }
        };
        b.instruction = n -> {
            if (n == 1) {
                bornAt[0] = machine.clock().now();
            }
        };
        machine.run(200_000);
        assertTrue(bornAt[0] >= 55_555 && bornAt[0] <= 55_555 + Machine.QUANTUM, "born at " + bornAt[0]);
    }

    @Test
    void a_stop_from_inside_an_instruction_ends_the_run_there() {
        ScriptedCpu a = started();
        a.instruction = n -> {
            if (n == 777) {
                machine.stop(StopReason.POWER_OFF);
            }
        };
        assertEquals(StopReason.POWER_OFF, machine.run(1_000_000));
        assertEquals(777, a.count);
    }

    @Test
    void the_trace_hash_repeats_and_notices_one_instruction_more() {
        assertEquals(hashOf(30_000), hashOf(30_000));
        assertNotEquals(hashOf(30_000), hashOf(30_001));
    }

    private static long hashOf(long instructions) {
        Machine m = new Machine();
        TraceHash hash = new TraceHash();
        m.trace(hash);
        ScriptedCpu c = new ScriptedCpu(0);
        m.add(c);
        c.powerOn(new TreeMap<>());
        m.run(instructions);
        return hash.value();
    }

    @Test
    void a_snapshot_continues_as_the_original_did() {
        machine.bus().add(new Ram(0, 0x4000, CachePolicy.STRICT));
        ScriptedCpu a = started();
        started();
        int[] fired = {0};
        VirtualClock.Timer[] tick = new VirtualClock.Timer[1];
        tick[0] = machine.clock().timer("tick", () -> {
            fired[0]++;
            tick[0].set(machine.clock().now() + 3_333);
        });
        tick[0].set(1);
        a.instruction = n -> machine.bus().ram(8).store(a, 8 + n % 512 * 8, 8, n, true);
        machine.run(100_000);
        byte[] snapshot = machine.snapshot();
        machine.run(100_000);
        long hash = machine.stateHash();
        int firedOnce = fired[0];
        machine.run(5_000);
        assertNotEquals(hash, machine.stateHash());
        machine.restore(snapshot);
        fired[0] = 0;
        machine.run(100_000);
        assertEquals(hash, machine.stateHash());
        assertTrue(fired[0] > 0 && fired[0] < firedOnce);
        machine.close();
    }
}
