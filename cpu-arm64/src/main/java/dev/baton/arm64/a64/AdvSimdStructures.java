package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.core.mem.Host;
import dev.baton.core.mem.SoftTlb;

/**
 * Advanced SIMD load/store of multiple structures and of a single structure. A load changes no register before all its accesses
 * succeeded. Every element is an access of its own, aligned or not; where all lie in one page that the software TLB knows, they
 * are made as longs, which no one can tell.
 */
public final class AdvSimdStructures {
    /** As Rm: no write-back. */
    private static final int NO_WRITE_BACK = 32;

    private AdvSimdStructures() { }

    /** {@code LD1 {<Vt>.<T>, ...}, [<Xn|SP>]}, LD2, LD3, LD4: structures of {@code elements}, to as many {@code registers} or more. */
    public static Insn load(int registers, int elements, int q, int size, int n, int t) {
        return loadPost(registers, elements, q, size, NO_WRITE_BACK, n, t);
    }

    /** {@code LD1 {<Vt>.<T>, ...}, [<Xn|SP>], <Xm>|#<imm>}, LD2, LD3, LD4. */
    public static Insn loadPost(int registers, int elements, int q, int size, int m, int n, int t) {
        boolean reserved = elements > 1 && Vectors.single(q, size);
        if (registers == 1 && q == 1) {
            return new LoadOne(size, m, n, t);
        }
        return Vectors.unless(reserved, new LoadMultiple(registers, elements, q, size, m, n, t));
    }

    /** {@code ST1 {<Vt>.<T>, ...}, [<Xn|SP>]}, ST2, ST3, ST4. */
    public static Insn store(int registers, int elements, int q, int size, int n, int t) {
        return storePost(registers, elements, q, size, NO_WRITE_BACK, n, t);
    }

    /** {@code ST1 {<Vt>.<T>, ...}, [<Xn|SP>], <Xm>|#<imm>}, ST2, ST3, ST4. */
    public static Insn storePost(int registers, int elements, int q, int size, int m, int n, int t) {
        boolean reserved = elements > 1 && Vectors.single(q, size);
        if (registers == 1 && q == 1) {
            return new StoreOne(size, m, n, t);
        }
        return Vectors.unless(reserved, new StoreMultiple(registers, elements, q, size, m, n, t));
    }

    /** {@code LD1 {<Vt>.<Ts>, ...}[<index>], [<Xn|SP>]}, LD2, LD3, LD4. */
    public static Insn loadLane(int elements, int q, int scale, int s, int size, int n, int t) {
        return loadLanePost(elements, q, scale, s, size, NO_WRITE_BACK, n, t);
    }

    /** {@code LD1 {<Vt>.<Ts>, ...}[<index>], [<Xn|SP>], <Xm>|#<imm>}, LD2, LD3, LD4. */
    public static Insn loadLanePost(int elements, int q, int scale, int s, int size, int m, int n, int t) {
        int index = index(q, scale, s, size);
        return index < 0 ? Unallocated.encoding() : new LoadLane(elements, laneSize(scale, size), index, m, n, t);
    }

    /** {@code ST1 {<Vt>.<Ts>, ...}[<index>], [<Xn|SP>]}, ST2, ST3, ST4. */
    public static Insn storeLane(int elements, int q, int scale, int s, int size, int n, int t) {
        return storeLanePost(elements, q, scale, s, size, NO_WRITE_BACK, n, t);
    }

    /** {@code ST1 {<Vt>.<Ts>, ...}[<index>], [<Xn|SP>], <Xm>|#<imm>}, ST2, ST3, ST4. */
    public static Insn storeLanePost(int elements, int q, int scale, int s, int size, int m, int n, int t) {
        int index = index(q, scale, s, size);
        return index < 0 ? Unallocated.encoding() : new StoreLane(elements, laneSize(scale, size), index, m, n, t);
    }

    /** {@code LD1R {<Vt>.<T>, ...}, [<Xn|SP>]}, LD2R, LD3R, LD4R. */
    public static Insn replicate(int elements, int q, int size, int n, int t) {
        return replicatePost(elements, q, size, NO_WRITE_BACK, n, t);
    }

    /** {@code LD1R {<Vt>.<T>, ...}, [<Xn|SP>], <Xm>|#<imm>}, LD2R, LD3R, LD4R. */
    public static Insn replicatePost(int elements, int q, int size, int m, int n, int t) {
        return new Replicate(elements, q, size, m, n, t);
    }

    /** The log2 of a lane's bytes: {@code scale}, or 3 where the lowest bit of {@code size} says so. */
    public static int laneSize(int scale, int size) {
        return scale == 2 && (size & 1) != 0 ? 3 : scale;
    }

    /** The lane that Q:S:size names, or -1 where it is reserved. */
    public static int index(int q, int scale, int s, int size) {
        int all = q << 3 | s << 2 | size;
        return switch (scale) {
            case 0 -> all;
            case 1 -> (size & 1) != 0 ? -1 : all >> 1;
            case 2 -> size == 0 ? all >> 2 : size == 1 && s == 0 ? q : -1;
            default -> -1;
        };
    }

    private abstract static class Structures extends Insn {
        final int registers;
        final int size;
        final int t;
        private final int n;
        private final int m;
        private final int spMask;
        private final int bytes;

        Structures(int registers, int size, int bytes, int m, int n, int t) {
            this.registers = registers;
            this.size = size;
            this.bytes = bytes;
            this.m = m;
            this.n = n;
            this.t = t;
            spMask = n == Arm64Cpu.SP ? 15 : 0;
        }

        final long address(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            long base = c.x[n];
            if ((base & spMask) != 0) {
                c.memory.checkSpAlignment(this);
            }
            return base;
        }

        final void writeBack(Arm64Cpu c, long base) {
            if (m != NO_WRITE_BACK) {
                c.x[n] = base + (m == 31 ? bytes : c.x[m]);
            }
        }

        /** Index in {@link Arm64Cpu#v} of register {@code i} of the list, which wraps around after V31. */
        final int register(int i) {
            return 2 * (t + i & 31);
        }

        final long loadElement(Arm64Cpu c, long va) {
            return switch (size) {
                case 0 -> c.load8(va, this);
                case 1 -> c.load16(va, this);
                case 2 -> c.load32(va, this);
                default -> c.load64(va, this);
            };
        }

        final void storeElement(Arm64Cpu c, long va, long value) {
            switch (size) {
                case 0 -> c.store8(va, value, this);
                case 1 -> c.store16(va, value, this);
                case 2 -> c.store32(va, value, this);
                default -> c.store64(va, value, this);
            }
        }
    }

    /** Whole registers: {@code longs} of memory each, in the order of memory or dealt out element by element. */
    private abstract static class Multiple extends Structures {
        final boolean dealt;
        final int longs;
        final int lanes;
        final long[] data;
        private final int pageEnd;
        private final long tag;

        Multiple(int registers, int elements, int q, int size, int m, int n, int t) {
            super(registers, size, registers * (8 << q), m, n, t);
            dealt = elements > 1;
            longs = 1 << q;
            lanes = 8 << q >> size;
            data = new long[registers * longs];
            pageEnd = 4096 - 8 * data.length;
            tag = -4096L | (1 << size) - 1;
        }

        /** Host address behind all elements if the fast path may go there, else 0; {@code kind} is 0 for loads, 16 for stores. */
        final long host(Arm64Cpu c, long va, int kind) {
            long e = SoftTlb.entry(c.tlb, va) + kind;
            return Host.getLong(e) == (va & tag) && (va & 4095) <= pageEnd ? va + Host.getLong(e + 8) : 0;
        }

        /** Eight bytes, element by element. */
        final long loadSlow(Arm64Cpu c, long va) {
            long value = 0;
            for (int b = 0; b < 8; b += 1 << size) {
                value |= loadElement(c, va + b) << 8 * b;
            }
            return value;
        }

        final void storeSlow(Arm64Cpu c, long va, long value) {
            for (int b = 0; b < 8; b += 1 << size) {
                storeElement(c, va + b, value >>> 8 * b);
            }
        }

        /** Where element {@code lane} of register {@code r} is in memory, counted in elements. */
        final int place(int r, int lane) {
            return dealt ? lane * registers + r : r * lanes + lane;
        }
    }

    /** LD1 of one whole register: what copy and string loops do. */
    static final class LoadOne extends Multiple {
        LoadOne(int size, int m, int n, int t) {
            super(1, 1, 1, size, m, n, t);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long va = address(c);
            long host = host(c, va, 0);
            long low = host != 0 ? Host.getLong(host) : loadSlow(c, va);
            c.v[2 * t + 1] = host != 0 ? Host.getLong(host + 8) : loadSlow(c, va + 8);
            c.v[2 * t] = low;
            writeBack(c, va);
        }
    }

    /** ST1 of one whole register. */
    static final class StoreOne extends Multiple {
        StoreOne(int size, int m, int n, int t) {
            super(1, 1, 1, size, m, n, t);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long va = address(c);
            long host = host(c, va, 16);
            if (host != 0) {
                Host.putLong(host, c.v[2 * t]);
                Host.putLong(host + 8, c.v[2 * t + 1]);
            } else {
                storeSlow(c, va, c.v[2 * t]);
                storeSlow(c, va + 8, c.v[2 * t + 1]);
            }
            writeBack(c, va);
        }
    }

    static final class LoadMultiple extends Multiple {
        LoadMultiple(int registers, int elements, int q, int size, int m, int n, int t) {
            super(registers, elements, q, size, m, n, t);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long va = address(c);
            long host = host(c, va, 0);
            if (host != 0) {
                for (int i = 0; i < data.length; i++) {
                    data[i] = Host.getLong(host + 8 * i);
                }
            } else {
                slow(c, va);
            }
            for (int r = 0; r < registers; r++) {
                int to = register(r);
                c.v[to] = dealt ? collect(r, 0) : data[r * longs];
                c.v[to + 1] = longs == 1 ? 0 : dealt ? collect(r, lanes / 2) : data[r * longs + 1];
            }
            writeBack(c, va);
        }

        private void slow(Arm64Cpu c, long va) {
            for (int i = 0; i < data.length; i++) {
                data[i] = loadSlow(c, va + 8 * i);
            }
        }

        private long collect(int r, int first) {
            long value = 0;
            for (int i = 0; i < 8 >> size; i++) {
                int at = place(r, first + i);
                value |= Lanes.put(Lanes.get(data[at >> 3 - size], size, at & (8 >> size) - 1), size, i);
            }
            return value;
        }
    }

    static final class StoreMultiple extends Multiple {
        StoreMultiple(int registers, int elements, int q, int size, int m, int n, int t) {
            super(registers, elements, q, size, m, n, t);
        }

        @Override
        public void execute(Arm64Cpu c) {
            long va = address(c);
            arrange(c);
            long host = host(c, va, 16);
            if (host != 0) {
                for (int i = 0; i < data.length; i++) {
                    Host.putLong(host + 8 * i, data[i]);
                }
            } else {
                slow(c, va);
            }
            writeBack(c, va);
        }

        private void arrange(Arm64Cpu c) {
            if (dealt) {
                java.util.Arrays.fill(data, 0);
            }
            for (int r = 0; r < registers; r++) {
                int from = register(r);
                for (int half = 0; half < longs; half++) {
                    if (dealt) {
                        deal(c.v[from + half], r, half * (8 >> size));
                    } else {
                        data[r * longs + half] = c.v[from + half];
                    }
                }
            }
        }

        private void deal(long value, int r, int first) {
            for (int i = 0; i < 8 >> size; i++) {
                int at = place(r, first + i);
                data[at >> 3 - size] |= Lanes.put(Lanes.get(value, size, i), size, at & (8 >> size) - 1);
            }
        }

        private void slow(Arm64Cpu c, long va) {
            for (int i = 0; i < data.length; i++) {
                storeSlow(c, va + 8 * i, data[i]);
            }
        }
    }

    static final class LoadLane extends Structures {
        private final int half;
        private final int index;
        private final long[] data;

        LoadLane(int elements, int size, int index, int m, int n, int t) {
            super(elements, size, elements << size, m, n, t);
            half = index >> 3 - size;
            this.index = index & (8 >> size) - 1;
            data = new long[elements];
        }

        @Override
        public void execute(Arm64Cpu c) {
            long va = address(c);
            for (int r = 0; r < registers; r++) {
                data[r] = loadElement(c, va + (r << size));
            }
            for (int r = 0; r < registers; r++) {
                int to = register(r) + half;
                c.v[to] = c.v[to] & ~Lanes.put(-1, size, index) | Lanes.put(data[r], size, index);
            }
            writeBack(c, va);
        }
    }

    static final class StoreLane extends Structures {
        private final int half;
        private final int index;

        StoreLane(int elements, int size, int index, int m, int n, int t) {
            super(elements, size, elements << size, m, n, t);
            half = index >> 3 - size;
            this.index = index & (8 >> size) - 1;
        }

        @Override
        public void execute(Arm64Cpu c) {
            long va = address(c);
            for (int r = 0; r < registers; r++) {
                storeElement(c, va + (r << size), Lanes.get(c.v[register(r) + half], size, index));
            }
            writeBack(c, va);
        }
    }

    static final class Replicate extends Structures {
        private final boolean q;
        private final long[] data;

        Replicate(int elements, int q, int size, int m, int n, int t) {
            super(elements, size, elements << size, m, n, t);
            this.q = q != 0;
            data = new long[elements];
        }

        @Override
        public void execute(Arm64Cpu c) {
            long va = address(c);
            for (int r = 0; r < registers; r++) {
                data[r] = Lanes.splat(loadElement(c, va + (r << size)), size);
            }
            for (int r = 0; r < registers; r++) {
                c.v[register(r)] = data[r];
                c.v[register(r) + 1] = q ? data[r] : 0;
            }
            writeBack(c, va);
        }
    }
}
