package dev.baton.devices.virtio;

import dev.baton.core.machine.SplitMix64;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.BusMaster;

/** Entropy device, virtio 1.1 section 5.4: as many bytes as asked for, up to 64 KiB a request, of a generator that a seed starts. */
public final class VirtioRng extends VirtioDevice {
    static final int TYPE = 4;
    private static final int QUEUE_SIZE = 8;
    private static final int MOST = 1 << 16;
    private static final byte[] NOTHING = {};

    private long state;

    public VirtioRng(BusMaster memory, long seed) {
        super(TYPE, 0, 1, QUEUE_SIZE, memory);
        state = seed;
    }

    @Override
    void process(int n) {
        drain(queue(n), this::fill);
    }

    private int fill(Chain chain) {
        byte[] bytes = new byte[(int) Math.min(MOST, chain.writableBytes())];
        for (int i = 0; i < bytes.length; i += 8) {
            long r = next();
            for (int j = 0; j < 8 && i + j < bytes.length; j++) {
                bytes[i + j] = (byte) (r >>> 8 * j);
            }
        }
        return chain.write(0, bytes, 0, bytes.length);
    }

    private long next() {
        state += SplitMix64.GAMMA;
        return SplitMix64.mix(state);
    }

    /** Randomness goes on where it was when a driver resets the device, or the next kernel would get the numbers of this one. */
    @Override
    void resetDevice() { }

    @Override
    byte[] configuration() {
        return NOTHING;
    }

    @Override
    void saveDevice(StateWriter out) {
        out.u64(state);
    }

    @Override
    void loadDevice(StateReader in) {
        state = in.u64();
    }
}
