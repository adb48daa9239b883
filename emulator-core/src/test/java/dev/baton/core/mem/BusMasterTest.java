package dev.baton.core.mem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** A device and a CPU with caches at the same memory. */
class BusMasterTest {
    private static final long BASE = 0x4000_0000L;
    private static final long X = BASE + 0x2000;

    private final Ram ram = new Ram(BASE, 1 << 16, CachePolicy.STRICT);
    private final PhysicalBus bus = new PhysicalBus();
    private final BusMaster device = new BusMaster(bus, "device");
    private final BusMaster cpu = new BusMaster(bus, "CPU");
    private final List<String> dirtyReads = new ArrayList<>();

    BusMasterTest() {
        bus.add(ram);
        ram.checks(new MemoryChecks() {
            @Override
            public void pocReadOfDirtyLine(Accessor who, long pa, int size, long cached, long poc, boolean fetch) {
                dirtyReads.add(who.activity() + " " + cached + "/" + poc);
            }
        });
    }

    @AfterEach
    void close() {
        ram.close();
    }

    @Test
    void a_coherent_load_sees_what_a_CPU_stored_into_its_cache() {
        ram.store(cpu, X, 8, 7, true);
        assertEquals(7, device.load(X, 8, true));
        assertEquals(List.of(), dirtyReads);
    }

    @Test
    void a_load_that_is_not_coherent_misses_it_and_the_checks_say_so() {
        ram.store(cpu, X, 8, 7, true);
        assertEquals(0, device.load(X, 8, false));
        assertEquals(List.of("device 7/0"), dirtyReads);
    }

    @Test
    void a_coherent_store_reaches_a_CPU_that_holds_the_line() {
        ram.load(cpu, X, 8, true);
        device.store(X, 8, 9, true);
        assertEquals(9, ram.load(cpu, X, 8, true));
    }

    @Test
    void a_coherent_store_to_a_page_that_no_cache_holds_goes_to_memory_and_leaves_it_so() {
        device.store(X, 8, 9, true);
        assertFalse(ram.mayBePresent(X));
        assertEquals(9, ram.load(cpu, X, 8, false));
    }

    @Test
    void any_run_of_bytes_goes_there_and_back() {
        byte[] out = new byte[77];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) (i * 7 + 1);
        }
        for (int at = 0; at < 9; at++) {
            byte[] in = new byte[80];
            device.write(X + at, out, 0, out.length, true);
            device.read(X + at, in, 2, out.length, true);
            assertArrayEquals(out, java.util.Arrays.copyOfRange(in, 2, 79));
        }
    }

    @Test
    void outside_RAM_loads_give_zero_and_stores_go_nowhere() {
        device.store(0x1234_5678L, 4, 9, true);
        assertEquals(0, device.load(0x1234_5678L, 4, true));
        assertTrue(device.reaches(BASE, 1 << 16));
        assertFalse(device.reaches(BASE + 1, 1 << 16));
        assertFalse(device.reaches(0, 1));
        assertFalse(device.reaches(BASE, Long.MAX_VALUE));
    }
}
