package dev.baton.cli.gdb;

import dev.baton.core.mem.Accessor;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;

/** Memory by physical address, as a debugger reads and writes it. */
final class PhysicalMemory {
    private static final int LONG = 8;

    private PhysicalMemory() { }

    /** Of one page: RAM in this view, or registers of devices without side effects. @return false if there is nothing */
    static boolean peek(PhysicalBus bus, long pa, byte[] into, int offset, int n, View view) {
        if (bus.ram(pa) != null) {
            return bus.peek(pa, into, offset, n, view);
        }
        PhysicalBus.Window window = bus.window(pa);
        if (window == null || pa + n > window.base() + window.size()) {
            return false;
        }
        for (int done = 0; done < n; ) {
            long at = pa + done - window.base();
            int size = Integer.highestOneBit((int) Math.min(n - done, at == 0 ? LONG : Math.min(at & -at, LONG)));
            long value = window.device().peek(at, size);
            for (int i = 0; i < size; i++) {
                into[offset + done + i] = (byte) (value >>> 8 * i);
            }
            done += size;
        }
        return true;
    }

    /** As a CPU's stores: a write is seen by fetches as a store's is. */
    static void store(Ram ram, Accessor who, long pa, byte[] from, int offset, int n, boolean cacheable) {
        for (int i = 0; i < n; i++) {
            ram.store(who, pa + i, 1, from[offset + i] & 0xff, cacheable);
        }
    }
}
