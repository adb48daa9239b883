package dev.baton.kernel.boot.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.Map;

class Page_tables_are_written_as_linux_writes_them {
    private static final long ROOT = 0x1000;
    private static final long VA = KernelLayout.PAGE_OFFSET;

    /** Physical memory of tables, by address of the entry. */
    private static final class Tables implements PageTables.Access {
        private final Map<Long, Long> entries = new HashMap<>();
        private long next = 0x2000;

        @Override
        public long load(long phys) {
            return entries.getOrDefault(phys, 0L);
        }

        @Override
        public void store(long phys, long entry) {
            entries.put(phys, entry);
        }

        @Override
        public long allocate() {
            next += 0x1000;
            return next - 0x1000;
        }

        /** The leaf for an address and the size it maps, walked as the architecture does; null where a level is invalid. */
        private long[] walk(long va) {
            long table = ROOT;
            for (int shift = 39; ; shift -= 9) {
                long entry = load(table + (va >>> shift & 511) * 8);
                if ((entry & 1) == 0) {
                    return null;
                }
                if (shift == 12 || (entry & 2) == 0) {
                    return new long[] {entry, 1L << shift};
                }
                table = entry & KernelLayout.ADDRESS;
            }
        }

        private long pa(long va) {
            long[] leaf = walk(va);
            return (leaf[0] & KernelLayout.ADDRESS) + (va & leaf[1] - 1);
        }
    }

    private final Tables memory = new Tables();
    private final PageTables tables = new PageTables(memory, ROOT);

    @Test
    void by_blocks_where_addresses_and_size_allow_and_by_pages_at_the_ends() {
        long pa = 0x4000_0000L;
        tables.map(VA + 0x1f_f000, pa + 0x1f_f000, 0x20_2000, KernelLayout.KERNEL, true);
        assertEquals(1L << 12, memory.walk(VA + 0x1f_f000)[1]);
        assertEquals(1L << 21, memory.walk(VA + 0x20_0000)[1]);
        assertEquals(1L << 12, memory.walk(VA + 0x40_0000)[1]);
        assertEquals(null, memory.walk(VA + 0x40_1000));
        assertEquals(null, memory.walk(VA + 0x1f_e000));
        for (long at = 0x1f_f000; at < 0x40_1000; at += 0x1000) {
            assertEquals(pa + at + 8, memory.pa(VA + at + 8));
        }
    }

    @Test
    void by_one_entry_for_a_whole_gibibyte() {
        tables.map(VA, 0x4000_0000L, 1L << 30, KernelLayout.KERNEL, true);
        assertEquals(1L << 30, memory.walk(VA + 0x1234_5678)[1]);
        assertEquals(0x5234_5678L, memory.pa(VA + 0x1234_5678));
    }

    @Test
    void by_pages_only_when_permissions_will_differ() {
        tables.map(VA, 0x4000_0000L, 0x20_0000, KernelLayout.KERNEL_RO, false);
        long[] leaf = memory.walk(VA);
        assertEquals(1L << 12, leaf[1]);
        assertEquals(KernelLayout.AP_READ_ONLY, leaf[0] & KernelLayout.AP_READ_ONLY);
    }
}
