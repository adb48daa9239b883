package dev.baton.core.mem;

import dev.baton.core.io.MmioDevice;

import java.util.ArrayList;
import java.util.List;

/** Who answers for a physical address: a RAM bank, a device, or nobody. */
public final class PhysicalBus {
    /** A device at its place. */
    public record Window(String name, long base, long size, MmioDevice device) {
        boolean contains(long pa) {
            return pa - base >= 0 && pa - base < size;
        }
    }

    private final List<Ram> banks = new ArrayList<>();
    private final List<Window> windows = new ArrayList<>();
    private Ram lastBank;
    private Window lastWindow;

    /** @throws IllegalArgumentException if it overlaps something */
    public void add(Ram ram) {
        checkFree("RAM", ram.base(), ram.size());
        banks.add(ram);
        lastBank = ram;
    }

    /** @throws IllegalArgumentException if it overlaps something */
    public void add(String name, long base, long size, MmioDevice device) {
        checkFree(name, base, size);
        windows.add(new Window(name, base, size, device));
    }

    private void checkFree(String name, long base, long size) {
        for (Ram r : banks) {
            refuseOverlap(name, base, size, "RAM", r.base(), r.size());
        }
        for (Window w : windows) {
            refuseOverlap(name, base, size, w.name, w.base, w.size);
        }
    }

    private static void refuseOverlap(String a, long aBase, long aSize, String b, long bBase, long bSize) {
        if (aBase < bBase + bSize && bBase < aBase + aSize) {
            throw new IllegalArgumentException("%s at 0x%x+0x%x overlaps %s at 0x%x+0x%x".formatted(a, aBase, aSize, b, bBase, bSize));
        }
    }

    /** The bank that holds {@code pa}, or null. */
    public Ram ram(long pa) {
        Ram r = lastBank;
        if (r != null && r.contains(pa)) {
            return r;
        }
        for (Ram bank : banks) {
            if (bank.contains(pa)) {
                lastBank = bank;
                return bank;
            }
        }
        return null;
    }

    /** The device window that holds {@code pa}, or null: an access there is an external abort. */
    public Window window(long pa) {
        Window w = lastWindow;
        if (w != null && w.contains(pa)) {
            return w;
        }
        for (Window candidate : windows) {
            if (candidate.contains(pa)) {
                lastWindow = candidate;
                return candidate;
            }
        }
        return null;
    }

    public List<Ram> banks() {
        return List.copyOf(banks);
    }

    public List<Window> windows() {
        return List.copyOf(windows);
    }

    /**
     * Copies RAM as a reader of {@code view} would see it, without side effects.
     *
     * @return false if a part of the range is not RAM (that part of {@code into} is left alone)
     */
    public boolean peek(long pa, byte[] into, int offset, int n, View view) {
        boolean all = true;
        for (int done = 0; done < n; ) {
            int step = (int) Math.min(n - done, 4096 - (pa + done & 4095));
            Ram r = ram(pa + done);
            if (r == null) {
                all = false;
            } else {
                r.peek(pa + done, into, offset + done, step, view);
            }
            done += step;
        }
        return all;
    }
}
