package dev.baton.kernel.boot.arm64;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.kernel.mm.KernelMemory;

/**
 * Physical memory as the running kernel's C code reaches it, with the loads and stores of the CPU it runs on: through the linear
 * map, and before that exists as {@code early_memremap} and the fixmap of the device tree do it.
 */
final class LinearMap implements KernelMemory, Stateful {
    private interface Chunk {
        void at(long va, int done, int n);
    }

    private final CurrentCpu current;
    private final Fixmap fixmap;
    private long memstart;
    private boolean live;
    private long fdtBlock = -1;
    private long windowPage = -1;
    private long window;

    LinearMap(CurrentCpu current, Fixmap fixmap) {
        this.current = current;
        this.fixmap = fixmap;
    }

    /** Maps the device tree's window. */
    void fdt(long phys) {
        fixmap.fdt(phys);
        fdtBlock = phys & -KernelLayout.PMD;
    }

    /** Physical address that PAGE_OFFSET maps: memstart_addr, 1 GiB aligned. */
    void memstart(long phys) {
        memstart = phys;
    }

    long memstart() {
        return memstart;
    }

    /** The map is complete: from here on it is used. */
    void goLive() {
        live = true;
        if (windowPage != -1) {
            fixmap.clear(Fixmap.Slot.EARLY_MEMREMAP);
            windowPage = -1;
        }
    }

    boolean live() {
        return live;
    }

    /** {@code __phys_to_virt}. */
    long virt(long phys) {
        return phys - memstart + KernelLayout.PAGE_OFFSET;
    }

    private long reach(long phys) {
        if (live) {
            return virt(phys);
        }
        if (fdtBlock != -1 && phys - fdtBlock >= 0 && phys - fdtBlock < 2 * KernelLayout.PMD) {
            return KernelLayout.FIXMAP + (phys - fdtBlock);
        }
        long page = phys & -KernelLayout.PAGE;
        if (page != windowPage) {
            if (windowPage != -1) {
                fixmap.clear(Fixmap.Slot.EARLY_MEMREMAP);
            }
            window = fixmap.set(Fixmap.Slot.EARLY_MEMREMAP, page, KernelLayout.KERNEL);
            windowPage = page;
        }
        return window + (phys - page);
    }

    private void chunks(long phys, int n, Chunk chunk) {
        if (live) {
            chunk.at(virt(phys), 0, n);
            return;
        }
        for (int done = 0; done < n; ) {
            int step = (int) Math.min(n - done, KernelLayout.PAGE - (phys + done & KernelLayout.PAGE - 1));
            chunk.at(reach(phys + done), done, step);
            done += step;
        }
    }

    @Override
    public long u64(long phys) {
        return current.get().loadVirtual(reach(phys), 8);
    }

    @Override
    public void u64(long phys, long value) {
        current.get().storeVirtual(reach(phys), 8, value);
    }

    @Override
    public int u32(long phys) {
        return (int) current.get().loadVirtual(reach(phys), 4);
    }

    @Override
    public void u32(long phys, int value) {
        current.get().storeVirtual(reach(phys), 4, value & 0xffff_ffffL);
    }

    @Override
    public void read(long phys, byte[] into, int offset, int n) {
        chunks(phys, n, (va, done, step) -> current.get().readVirtual(va, into, offset + done, step));
    }

    @Override
    public void write(long phys, byte[] from, int offset, int n) {
        chunks(phys, n, (va, done, step) -> current.get().writeVirtual(va, from, offset + done, step));
    }

    @Override
    public void fill(long phys, long n, byte value) {
        if (live) {
            current.get().fillVirtual(virt(phys), n, value);
            return;
        }
        for (long done = 0; done < n; ) {
            long step = Math.min(n - done, KernelLayout.PAGE - (phys + done & KernelLayout.PAGE - 1));
            current.get().fillVirtual(reach(phys + done), step, value);
            done += step;
        }
    }

    @Override
    public void activity(String text) {
        current.get().activity(text);
    }

    @Override
    public void save(StateWriter out) {
        out.section("linear-map").u64(memstart).flag(live).u64(fdtBlock).u64(windowPage).u64(window);
    }

    @Override
    public void load(StateReader in) {
        memstart = in.section("linear-map").u64();
        live = in.flag();
        fdtBlock = in.u64();
        windowPage = in.u64();
        window = in.u64();
    }
}
