package dev.baton.arm64.mmu;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.mem.Accessor;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;

/** How the walks of one CPU reach descriptors, and which the last one read. */
final class Descriptors {
    /** Most that one walk reads: five of stage 1, each found by up to five of stage 2, and five for the result. */
    static final int MOST = 35;

    /** The walks of a CPU as accesses of their own in findings. */
    private final class WalkAccess implements Accessor {
        @Override
        public int index() {
            return cpu.index();
        }

        @Override
        public long pc() {
            return cpu.pc();
        }

        @Override
        public String activity() {
            return cpu.activity();
        }

        @Override
        public long virtualAddress() {
            return cpu.virtualAddress();
        }

        @Override
        public boolean tableWalk() {
            return true;
        }
    }

    private final Arm64Cpu cpu;
    private final Accessor access = new WalkAccess();
    /** Physical addresses, in the order read. */
    final long[] read = new long[MOST];
    int count;
    /** Position in {@link #read} of the leaf by which an entry is known: of stage 1, if it walks. */
    int leaf;
    /** The last one read. */
    long value;

    Descriptors(Arm64Cpu cpu) {
        this.cpu = cpu;
    }

    void begin() {
        count = 0;
        leaf = 0;
    }

    /**
     * @param peek without any side effect on memory or findings
     * @return false if there is no memory at {@code pa}
     */
    boolean read(long pa, boolean cached, boolean bigEndian, boolean peek) {
        Ram ram = cpu.machine.bus().ram(pa);
        if (ram == null) {
            return false;
        }
        read[count++] = pa;
        long v = peek ? ram.peekLong(pa, cached ? View.CACHED : View.POC) : ram.load(access, pa, 8, cached);
        value = bigEndian ? Long.reverseBytes(v) : v;
        return true;
    }

    /** Hardware updates a descriptor that was just read: no other agent runs in between, so this is atomic. */
    void update(long pa, long v, boolean cached, boolean bigEndian) {
        cpu.machine.bus().ram(pa).store(access, pa, 8, bigEndian ? Long.reverseBytes(v) : v, cached);
    }
}
