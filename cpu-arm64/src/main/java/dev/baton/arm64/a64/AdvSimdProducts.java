package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Advanced SIMD products of lanes of one size: of three same, three-register extension, and by indexed element. */
public final class AdvSimdProducts {
    private AdvSimdProducts() { }

    /** {@code MLA <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn mla(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, mlaLanes(q, size, m, n, d));
    }

    private static Vectors.Operation mlaLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.mul(a, b, size), high);
            }
        };
    }

    /** {@code MLA <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>]}. */
    public static Insn mlaElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        return element(mlaLanes(q, size, register(size, m, rm), n, d), l, m, h);
    }

    /** {@code MUL <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn mul(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, mulLanes(q, size, m, n, d));
    }

    private static Vectors.Operation mulLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.mul(a, b, size);
            }
        };
    }

    /** {@code MUL <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>]}. */
    public static Insn mulElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        return element(mulLanes(q, size, register(size, m, rm), n, d), l, m, h);
    }

    /** {@code SQDMULH <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn sqdmulh(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 0 || size == 3, sqdmulhLanes(q, size, m, n, d));
    }

    private static Vectors.Operation sqdmulhLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.doublingHigh(c, 0, a, b, size, 0, 1);
            }
        };
    }

    /** {@code SQDMULH <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>]}. */
    public static Insn sqdmulhElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        return element(sqdmulhLanes(q, size, register(size, m, rm), n, d), l, m, h);
    }

    /** {@code MLS <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn mls(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, mlsLanes(q, size, m, n, d));
    }

    private static Vectors.Operation mlsLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sub(old, Lanes.mul(a, b, size), high);
            }
        };
    }

    /** {@code MLS <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>]}. */
    public static Insn mlsElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        return element(mlsLanes(q, size, register(size, m, rm), n, d), l, m, h);
    }

    /** {@code SQRDMULH <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn sqrdmulh(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 0 || size == 3, sqrdmulhLanes(q, size, m, n, d));
    }

    private static Vectors.Operation sqrdmulhLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.doublingHigh(c, 0, a, b, size, 1, 1);
            }
        };
    }

    /** {@code SQRDMULH <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>]}. */
    public static Insn sqrdmulhElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        return element(sqrdmulhLanes(q, size, register(size, m, rm), n, d), l, m, h);
    }

    /** {@code SQRDMLAH <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn sqrdmlah(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 0 || size == 3, sqrdmlahLanes(q, size, m, n, d));
    }

    private static Vectors.Operation sqrdmlahLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.doublingHigh(c, old, a, b, size, 1, 1);
            }
        };
    }

    /** {@code SQRDMLAH <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>]}. */
    public static Insn sqrdmlahElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        return element(sqrdmlahLanes(q, size, register(size, m, rm), n, d), l, m, h);
    }

    /** {@code SQRDMLSH <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn sqrdmlsh(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 0 || size == 3, sqrdmlshLanes(q, size, m, n, d));
    }

    private static Vectors.Operation sqrdmlshLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.doublingHigh(c, old, a, b, size, 1, -1);
            }
        };
    }

    /** {@code SQRDMLSH <Vd>.<T>, <Vn>.<T>, <Vm>.<Ts>[<index>]}. */
    public static Insn sqrdmlshElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        return element(sqrdmlshLanes(q, size, register(size, m, rm), n, d), l, m, h);
    }

    /** {@code SDOT <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn sdot(int q, int m, int n, int d) {
        return dot(q, false, m, n, d);
    }

    /** {@code UDOT <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn udot(int q, int m, int n, int d) {
        return dot(q, true, m, n, d);
    }

    /** {@code SDOT <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.4B[<index>]}. */
    public static Insn sdotElement(int q, int l, int m, int rm, int h, int n, int d) {
        return element(dot(q, false, register(2, m, rm), n, d), l, m, h);
    }

    /** {@code UDOT <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.4B[<index>]}. */
    public static Insn udotElement(int q, int l, int m, int rm, int h, int n, int d) {
        return element(dot(q, true, register(2, m, rm), n, d), l, m, h);
    }

    private static Vectors.Operation dot(int q, boolean unsigned, int m, int n, int d) {
        return new Vectors.Same(q, 2, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.dot(a, b, unsigned), high);
            }
        };
    }

    /** {@code USDOT <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}: the first operand unsigned, the second signed. */
    public static Insn usdot(int q, int m, int n, int d) {
        return mixedDot(q, false, m, n, d);
    }

    /** {@code USDOT <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.4B[<index>]}. */
    public static Insn usdotElement(int q, int l, int m, int rm, int h, int n, int d) {
        return element(mixedDot(q, false, register(2, m, rm), n, d), l, m, h);
    }

    /** {@code SUDOT <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.4B[<index>]}: the first operand signed, the second unsigned. */
    public static Insn sudotElement(int q, int l, int m, int rm, int h, int n, int d) {
        return element(mixedDot(q, true, register(2, m, rm), n, d), l, m, h);
    }

    private static Vectors.Operation mixedDot(int q, boolean secondUnsigned, int m, int n, int d) {
        return new Vectors.Same(q, 2, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, secondUnsigned ? Lanes.mixedDot(b, a) : Lanes.mixedDot(a, b), high);
            }
        };
    }

    /** {@code SMMLA <Vd>.4S, <Vn>.16B, <Vm>.16B}. */
    public static Insn smmla(int m, int n, int d) {
        return new Matrix(m, n, d) {
            @Override
            long dots(long a, long b) {
                return Lanes.dot(a, b, false);
            }
        };
    }

    /** {@code UMMLA <Vd>.4S, <Vn>.16B, <Vm>.16B}. */
    public static Insn ummla(int m, int n, int d) {
        return new Matrix(m, n, d) {
            @Override
            long dots(long a, long b) {
                return Lanes.dot(a, b, true);
            }
        };
    }

    /** {@code USMMLA <Vd>.4S, <Vn>.16B, <Vm>.16B}. */
    public static Insn usmmla(int m, int n, int d) {
        return new Matrix(m, n, d) {
            @Override
            long dots(long a, long b) {
                return Lanes.mixedDot(a, b);
            }
        };
    }

    /** MatMulAdd: rows of eight bytes of the first operand, times rows of the second, to a matrix of two by two words. */
    private abstract static class Matrix extends Insn {
        private final int m;
        private final int n;
        private final int d;

        Matrix(int m, int n, int d) {
            this.m = 2 * m;
            this.n = 2 * n;
            this.d = 2 * d;
        }

        /** The sums of the lower and of the upper four products. */
        abstract long dots(long a, long b);

        private long row(long[] v, long old, long a) {
            long left = dots(a, v[m]);
            long right = dots(a, v[m + 1]);
            long sums = Lanes.put(left + (left >>> 32), 2, 0) | Lanes.put(right + (right >>> 32), 2, 1);
            return Lanes.add(old, sums, Lanes.HIGH[2]);
        }

        @Override
        public final void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            long low = row(c.v, c.v[d], c.v[n]);
            c.v[d + 1] = row(c.v, c.v[d + 1], c.v[n + 1]);
            c.v[d] = low;
        }
    }

    /** The register that holds the element: of four bits where its elements are of 16, of which M is then one of the index's. */
    static int register(int size, int m, int rm) {
        return size == 1 ? rm : m << 4 | rm;
    }

    /** H:L:M or H:L; UNDEFINED for elements that are not of 16 or 32 bits. */
    static Insn element(Vectors.Operation operation, int l, int m, int h) {
        int size = operation.size;
        return Vectors.unless(size == 0 || size == 3, operation.by(size == 1 ? h << 2 | l << 1 | m : h << 1 | l));
    }
}
