package dev.baton.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.StopReason;
import dev.baton.devices.board.VirtBoard;
import dev.baton.devices.board.VirtConfig;
import dev.baton.devices.board.VirtLayout;
import dev.baton.images.guest.Purgatory;
import dev.baton.images.guest.Purgatory.Region;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

class Purgatory_guards_the_next_kernel {
    private static final long ENTRY = 0x4100_0000L;
    private static final long DTB = 0x4200_0000L;
    private static final long PURGATORY = 0x4300_1000L;

    private record Outcome(boolean entered, List<Long> registers, String console) { }

    private static Bytes random(int n, long seed) {
        byte[] b = new byte[n];
        new Random(seed).nextBytes(b);
        return Bytes.wrap(b);
    }

    /** Runs purgatory over what lies in memory; {@code loaded} is what was promised. */
    private static Outcome run(List<Region> loaded, List<Region> inMemory, long sink) {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        VirtBoard board = new VirtBoard(VirtConfig.defaults(), b -> console.write(b), (machine, index, wiring) ->
                new Arm64Cpu(machine, index, Arm64Config.defaults().withFirmware(wiring.firmware())
                        .withGic(wiring.gic(), wiring.interrupts()).withLevels(wiring.el2(), false)));
        List<LaunchPlan.Segment> segments = new ArrayList<>();
        segments.add(new LaunchPlan.Segment("purgatory", PURGATORY, Purgatory.build(ENTRY, DTB, sink, loaded)));
        inMemory.forEach(r -> segments.add(new LaunchPlan.Segment("region", r.address(), r.bytes(), r.size())));
        board.launch(List.of(new LaunchPlan(0, segments,
                new TreeMap<>(Map.of("pc", PURGATORY, "x0", 0L, "x1", 1L, "x2", 2L, "x3", 3L, "el", 1L)))));
        List<Long> registers = new ArrayList<>();
        Cpu cpu = board.machine().cpu(0);
        cpu.callBefore(ENTRY, () -> {
            for (int i = 0; i < 4; i++) {
                registers.add(cpu.argument(i));
            }
            registers.add(cpu.argument(17));
            board.machine().stop(StopReason.REQUESTED);
        });
        StopReason reason = board.machine().run(20_000_000);
        board.machine().close();
        return new Outcome(reason == StopReason.REQUESTED, registers, console.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 55, 56, 63, 64, 65, 4096, 100_001})
    void and_enters_it_when_the_digest_is_right_whatever_the_length(int length) {
        List<Region> regions = List.of(new Region(ENTRY, random(length, length), length), new Region(DTB, random(100, 1), 4096));
        Outcome o = run(regions, regions, 0);
        assertTrue(o.entered());
        assertEquals(List.of(DTB, 0L, 0L, 0L, ENTRY), o.registers(), "x0 to x3, x17");
    }

    @Test
    void with_all_sixteen_regions_and_odd_addresses() {
        List<Region> regions = new ArrayList<>();
        for (int i = 0; i < Purgatory.MAX_REGIONS; i++) {
            regions.add(new Region(ENTRY + 0x1000L * i + i, random(100 + i, i), 100 + i));
        }
        assertTrue(run(regions, regions, 0).entered());
    }

    @Test
    void and_loops_for_ever_in_silence_when_one_bit_differs() {
        Region good = new Region(ENTRY, random(5000, 5), 8192);
        byte[] bytes = good.bytes().toArray();
        bytes[4711] ^= 0x10;
        Outcome o = run(List.of(good), List.of(new Region(ENTRY, Bytes.wrap(bytes), 8192)), 0);
        assertEquals(false, o.entered());
        assertEquals("", o.console());
    }

    @Test
    void and_complains_on_the_uart_it_was_given() {
        Region good = new Region(ENTRY, random(64, 5), 64);
        Outcome o = run(List.of(good), List.of(new Region(ENTRY, random(64, 6), 64)), VirtLayout.UART);
        assertEquals(false, o.entered());
        assertEquals("purgatory: sha256 digests do not match\n", o.console());
    }

    @Test
    void its_digest_is_that_of_all_regions_in_order_with_their_zero_tails() throws Exception {
        byte[] a = random(10, 1).toArray();
        byte[] whole = new byte[30];
        System.arraycopy(a, 0, whole, 0, 10);
        System.arraycopy(a, 0, whole, 20, 10);
        byte[] expected = java.security.MessageDigest.getInstance("SHA-256").digest(whole);
        assertArrayEquals(expected, Purgatory.digest(List.of(new Region(0, Bytes.of(a), 20), new Region(64, Bytes.of(a), 10))));
    }
}
