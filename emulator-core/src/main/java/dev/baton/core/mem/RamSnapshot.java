package dev.baton.core.mem;

import static dev.baton.core.mem.PageStates.OUT_OF_STEP;
import static dev.baton.core.mem.PageStates.STALE;
import static dev.baton.core.mem.PageStates.TOUCHED;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.Arrays;
import java.util.BitSet;

/** How a bank stands in a snapshot: each page that is not zero, with the state of its lines and, where some are present, both views. */
record RamSnapshot(Ram ram) {
    private static final int PAGE = Ram.PAGE;
    private static final byte[] ZERO = new byte[PAGE];

    /** As {@link Ram#save}. */
    void save(StateWriter out) {
        out.section("ram").u64(ram.base()).u64(ram.size());
        ram.randomEviction.save(out);
        byte[] bytes = new byte[PAGE];
        for (int p = 0; p < ram.pages.pages(); p++) {
            long mask = ram.pages.present(p);
            Host.read(pocHost(p), bytes, 0, PAGE);
            if (mask != 0 || !Arrays.equals(bytes, ZERO)) {
                out.u32(p).u64(mask).bytes(bytes);
                if (mask != 0) {
                    Host.read(cachedHost(p), bytes, 0, PAGE);
                    out.bytes(bytes);
                }
            }
        }
        out.u32(-1).longs(touched());
        ram.stale.save(out);
    }

    /** As {@link Ram#load(StateReader)}. */
    void load(StateReader in) {
        in.section("ram");
        if (in.u64() != ram.base() || in.u64() != ram.size()) {
            throw new IllegalArgumentException("snapshot: the machine has another RAM layout");
        }
        ram.randomEviction.load(in);
        clear();
        for (int p = in.u32(); p != -1; p = in.u32()) {
            long mask = in.u64();
            Host.write(pocHost(p), in.bytes(), 0, PAGE);
            if (mask != 0) {
                ram.pages.present(p, mask);
                Host.write(cachedHost(p), in.bytes(), 0, PAGE);
            }
        }
        BitSet.valueOf(in.longs()).stream().forEach(p -> ram.pages.set(p, TOUCHED));
        ram.stale.load(in, line -> ram.pages.set(ram.page(line), STALE));
    }

    /** By page, also those that hold nothing but zeros. */
    private long[] touched() {
        BitSet bits = new BitSet();
        for (int p = 0; p < ram.pages.pages(); p++) {
            bits.set(p, ram.pages.is(p, TOUCHED));
        }
        return bits.toLongArray();
    }

    private void clear() {
        for (int p = 0; p < ram.pages.pages(); p++) {
            if (ram.pages.present(p) != 0) {
                Host.fill(cachedHost(p), PAGE, (byte) 0);
                ram.pages.present(p, 0);
            }
            if (!isZero(pocHost(p))) {
                Host.fill(pocHost(p), PAGE, (byte) 0);
            }
            ram.pages.clear(p, STALE | TOUCHED);
            ram.pages.set(p, OUT_OF_STEP);
            ram.evictFast(p);
        }
        ram.stale.clear();
    }

    private long cachedHost(int p) {
        return ram.cachedHost(ram.pageAddress(p));
    }

    private long pocHost(int p) {
        return ram.pocHost(ram.pageAddress(p));
    }

    private static boolean isZero(long host) {
        for (int i = 0; i < PAGE; i += 8) {
            if (Host.getLong(host + i) != 0) {
                return false;
            }
        }
        return true;
    }
}
