package dev.baton.devices.virtio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.BusMaster;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.devices.Level;
import dev.baton.devices.UnmodelledAccess;
import dev.baton.devices.pci.PciHost;
import dev.baton.devices.pci.RecordedMessages;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A driver of a console on PCI: what it may rely on, and what a hostile one cannot do. */
class VirtioPciTest {
    private static final long RAM = 0x4000_0000L;
    private static final long DOORBELL = 0x0809_0040L;
    private static final long CONFIG = 1 << 15;
    private static final long WINDOW = 0x1000_0000L;
    private static final long HIGH_WINDOW = 0x80_0000_0000L;
    private static final long COMMON = 0x4000;
    private static final long ISR = COMMON + 0x1000;
    private static final long NOTIFY = COMMON + 0x3000;
    private static final int COMMAND = 4;
    private static final int MEMORY_AND_MASTER = 6;
    private static final int MSIX_CONTROL = 0x9a;
    private static final int MSIX_ENABLE = 0x8000;
    private static final long RINGS = RAM + 0x1_0000;
    private static final long DATA = RAM + 0x8000;
    private static final int RECEIVE = 0;
    private static final int RING = 8;

    private final Level[] lines = {new Level(), new Level(), new Level(), new Level()};
    private final List<String> messages = new ArrayList<>();
    private final PhysicalBus bus = new PhysicalBus();
    private final Ram ram = new Ram(RAM, 1 << 20, CachePolicy.NONE);
    private final BusMaster memory = new BusMaster(bus, "test");
    private final VirtioConsole console = console();
    private final PciHost host = host(console);
    private final MmioDevice window = host.memory(WINDOW);

    @AfterEach
    void close() {
        ram.close();
    }

    private VirtioConsole console() {
        return new VirtioConsole(memory, List.of(new VirtioConsole.Port(0, true, "", new ByteArrayOutputStream()::write)));
    }

    private PciHost host(VirtioDevice device) {
        if (bus.banks().isEmpty()) {
            bus.add(ram);
        }
        PciHost h = new PciHost(List.of(lines).toArray(new InterruptLine[0]), new RecordedMessages(DOORBELL, messages), memory,
                UnmodelledAccess.UNHEARD);
        h.plug(1, new VirtioPci(device, true));
        return h;
    }

    /** Base addresses, DRIVER_OK, a receive queue with room for one byte a request in two requests. */
    private void drive() {
        host.write(CONFIG + 0x14, 4, WINDOW);
        host.write(CONFIG + 0x20, 4, WINDOW + COMMON);
        host.write(CONFIG + 0x24, 4, 0);
        host.write(CONFIG + COMMAND, 2, MEMORY_AND_MASTER);
        window.write(COMMON + 0x14, 1, 15);
        window.write(COMMON + 0x16, 2, RECEIVE);
        window.write(COMMON + 0x18, 2, RING);
        window.write(COMMON + 0x20, 8, RINGS);
        window.write(COMMON + 0x28, 8, RINGS + 16 * RING);
        window.write(COMMON + 0x30, 8, RINGS + 0x1000);
        window.write(COMMON + 0x1c, 2, 1);
        for (int i = 0; i < 2; i++) {
            memory.store(RINGS + 16 * i, 8, DATA + i, true);
            memory.store(RINGS + 16 * i + 8, 8, 1 | 2L << 32, true);
            memory.store(RINGS + 16 * RING + 4 + 2 * i, 2, i, true);
        }
        memory.store(RINGS + 16 * RING + 2, 2, 2, true);
    }

    @Test
    void without_MSI_X_the_pin_is_asserted_until_the_ISR_is_read() {
        drive();
        console.input(0, (byte) 'a');
        assertEquals('a', memory.load(DATA, 1, true));
        assertTrue(lines[1].isHigh());
        assertEquals(1, window.peek(ISR, 1));
        assertTrue(lines[1].isHigh(), "a debugger's look acknowledges nothing");
        assertEquals(1, window.read(ISR, 1));
        assertFalse(lines[1].isHigh());
        assertEquals(0, window.read(ISR, 1));
    }

    @Test
    void enabling_MSI_X_releases_the_pin() {
        drive();
        console.input(0, (byte) 'a');
        host.write(CONFIG + MSIX_CONTROL, 2, MSIX_ENABLE);
        assertFalse(lines[1].isHigh());
        window.write(COMMON + 0x1a, 2, 1);
        window.write(0x10, 8, DOORBELL);
        window.write(0x18, 4, 0x51);
        window.write(0x1c, 4, 0);
        console.input(0, (byte) 'b');
        assertEquals(List.of("0x8 0x51"), messages);
        assertFalse(lines[1].isHigh());
    }

    /** What one kernel leaves a device with must not reach the memory of the next: Linux takes mastership away before a kexec. */
    @Test
    void a_function_that_is_no_master_touches_no_memory_whatever_its_rings_say() {
        drive();
        host.write(CONFIG + COMMAND, 2, 2);
        console.input(0, (byte) 'a');
        window.write(NOTIFY, 2, RECEIVE);
        assertFalse(console.listens(0));
        assertEquals(0, memory.load(DATA, 1, true));
        assertEquals(0, memory.load(RINGS + 0x1002, 2, true), "used index");
        host.write(CONFIG + COMMAND, 2, MEMORY_AND_MASTER);
        assertTrue(console.listens(0));
        window.write(NOTIFY, 2, RECEIVE);
        assertEquals('a', memory.load(DATA, 1, true));
    }

    @Test
    void a_drivers_reset_forgets_vectors_and_what_waits_for_them() {
        drive();
        host.write(CONFIG + MSIX_CONTROL, 2, MSIX_ENABLE);
        window.write(COMMON + 0x1a, 2, 1);
        console.input(0, (byte) 'a');
        assertEquals(2, window.read(0x800, 4), "vector 1 is masked");
        window.write(COMMON + 0x14, 1, 0);
        assertEquals(0, window.read(0x800, 4));
        assertEquals(0xffff, window.read(COMMON + 0x1a, 2));
        assertEquals(0, window.read(COMMON + 0x1c, 2));
        assertEquals(MSIX_ENABLE | 1, host.read(CONFIG + MSIX_CONTROL, 2), "the bus's registers are no driver's of virtio");
    }

    @Test
    void a_snapshot_goes_on_in_another_machine() {
        drive();
        host.write(CONFIG + MSIX_CONTROL, 2, MSIX_ENABLE);
        window.write(COMMON + 0x1a, 2, 1);
        console.input(0, (byte) 'a');
        StateWriter saved = new StateWriter();
        host.save(saved);
        VirtioConsole copy = console();
        PciHost other = host(copy);
        other.load(new StateReader(saved.toByteArray()));
        StateWriter again = new StateWriter();
        other.save(again);
        assertArrayEquals(saved.toByteArray(), again.toByteArray());
        copy.input(0, (byte) 'b');
        assertEquals('b', memory.load(DATA + 1, 1, true));
        MmioDevice w = other.memory(WINDOW);
        w.write(0x10, 8, DOORBELL);
        w.write(0x1c, 4, 0);
        assertEquals(List.of("0x8 0x0"), messages);
    }

    @Test
    void a_base_address_so_far_away_that_the_distance_overflows_decodes_nothing() {
        long base = HIGH_WINDOW - Long.MAX_VALUE + 0x3fff;
        host.write(CONFIG + 0x20, 4, base & 0xffff_ffffL);
        host.write(CONFIG + 0x24, 4, base >>> 32);
        host.write(CONFIG + COMMAND, 2, MEMORY_AND_MASTER);
        assertEquals(base | 0xc, host.read(CONFIG + 0x20, 8));
        MmioDevice high = host.memory(HIGH_WINDOW);
        for (long at = 0; at < 0x8000; at += 4) {
            assertEquals(0xffff_ffffL, high.read(at, 4));
        }
    }

    /** Nothing but an exception of Java's, or no end, could fail it: the values are those of nobody. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void no_driver_can_bring_the_machine_down(long seed) {
        Random random = new Random(seed);
        drive();
        MmioDevice io = host.io();
        host.write(CONFIG + 0x10, 4, 0x1000);
        for (int i = 0; i < 200_000; i++) {
            int size = 1 << random.nextInt(4);
            long value = random.nextBoolean() ? random.nextInt(16) : random.nextLong();
            switch (random.nextInt(6)) {
                case 0 -> host.write(CONFIG + (random.nextInt(256) & -size), size, value);
                case 1 -> host.read(CONFIG + (random.nextInt(256) & -size), size);
                case 2 -> window.write(COMMON + (random.nextInt(0x38) & -size), size, value);
                case 3 -> window.write(random.nextInt(0x8000) & -size, size, value);
                case 4 -> window.read(random.nextInt(0x8000) & -size, size);
                default -> io.write(0x1000 + (random.nextInt(32) & -size), size, value);
            }
            if (random.nextInt(64) == 0) {
                host.write(CONFIG + COMMAND, 2, 7);
                host.write(CONFIG + 0x20, 8, WINDOW + COMMON);
                host.write(CONFIG + 0x10, 8, 0x1000 | WINDOW << 32);
                memory.store(RAM + (random.nextInt(1 << 20) & -8), 8, random.nextLong(), true);
                console.input(0, (byte) i);
            }
        }
        StateWriter saved = new StateWriter();
        host.save(saved);
        assertTrue(saved.toByteArray().length < 64 << 10, "bounded state");
    }
}
