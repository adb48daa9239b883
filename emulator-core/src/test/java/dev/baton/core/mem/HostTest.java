package dev.baton.core.mem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HostTest {
    @Test
    void these_tests_run_on_the_checked_implementation() {
        assertTrue(Host.CHECKED);
    }

    @Test
    void reserved_memory_is_zero_and_page_aligned() {
        for (long size : new long[] {100, 4096, 1 << 20, 64 << 20}) {
            long a = Host.reserve(size);
            assertEquals(0, a & 4095);
            for (long i = 0; i + 8 <= size; i += Math.max(8, size / 1000 & -8L)) {
                assertEquals(0, Host.getLong(a + i));
            }
            Host.release(a);
        }
    }

    @Test
    void an_access_outside_every_reserved_block_is_refused() {
        long a = Host.reserve(4096);
        Host.putLong(a + 4088, 1);
        assertThrows(IndexOutOfBoundsException.class, () -> Host.getLong(a + 4089));
        assertThrows(IndexOutOfBoundsException.class, () -> Host.putByte(a - 1, (byte) 0));
        assertThrows(IndexOutOfBoundsException.class, () -> Host.copy(a, a + 1, 4096));
        Host.release(a);
        assertThrows(IndexOutOfBoundsException.class, () -> Host.getByte(a));
    }

    @Test
    void every_size_reads_back_zero_extended_and_little_endian() {
        long a = Host.reserve(64);
        for (int size : new int[] {1, 2, 4, 8}) {
            Host.put(a, size, 0xf1f2_f3f4_f5f6_f7f8L);
            long mask = size == 8 ? -1 : (1L << 8 * size) - 1;
            assertEquals(0xf1f2_f3f4_f5f6_f7f8L & mask, Host.get(a, size));
            assertEquals((byte) 0xf8, Host.getByte(a));
        }
        Host.release(a);
    }

    @Test
    void mismatch_finds_the_first_differing_word() {
        long a = Host.reserve(4096);
        long b = Host.reserve(4096);
        assertEquals(-1, Host.mismatch(a, b, 4096));
        Host.putByte(b + 4095, (byte) 1);
        assertEquals(4088, Host.mismatch(a, b, 4096));
        Host.release(a);
        Host.release(b);
    }
}
