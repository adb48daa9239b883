package dev.baton.core.trace;

/**
 * A 64-bit hash over the event stream: exceptions, device accesses, system-register writes, calls, and the register state
 * of every CPU at every slice boundary, each with its instruction count. Independent of the tier, because all of these are
 * architectural and slices end at exact instruction counts.
 */
public final class TraceHash implements TraceSink {
    private long hash = 0x9E37_79B9_7F4A_7C15L;

    public long value() {
        return hash;
    }

    /** Continues from a saved value. */
    public void value(long v) {
        hash = v;
    }

    private void mix(long kind, long cpu, long time, long a, long b, long c) {
        hash = mix(mix(mix(mix(mix(mix(hash, kind), cpu), time), a), b), c);
    }

    /** One round of a multiply-xorshift mixer (the finaliser constants of MurmurHash3's 64-bit variant). */
    public static long mix(long h, long v) {
        h = (h ^ v) * 0xff51_afd7_ed55_8ccdL;
        h ^= h >>> 33;
        return h * 0xc4ce_b9fe_1a85_ec53L + 1;
    }

    @Override
    public void exception(int cpu, long time, long pc, long syndrome, long target) {
        mix(1, cpu, time, pc, syndrome, target);
    }

    @Override
    public void mmio(int cpu, long time, boolean write, long pa, int size, long value) {
        mix(write ? 3 : 2, cpu, time, pa, size, value);
    }

    @Override
    public void systemRegister(int cpu, long time, String name, long value) {
        mix(4, cpu, time, name.hashCode(), value, 0);
    }

    @Override
    public void call(int cpu, long time, String name, long argument) {
        mix(5, cpu, time, name.hashCode(), argument, 0);
    }

    @Override
    public void slice(int cpu, long time, long stateHash) {
        mix(6, cpu, time, stateHash, 0, 0);
    }
}
