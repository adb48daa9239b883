package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Advanced SIMD products of twice the size of their operands: of three different, and by indexed element. */
public final class AdvSimdLongProducts {
    private AdvSimdLongProducts() { }

    /** {@code SMLAL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn smlal(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, smlalLanes(q, size, m, n, d));
    }

    private static Vectors.Operation smlalLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Widening(q, size, false, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.mul(a, b, wide), Lanes.HIGH[wide]);
            }
        };
    }

    /** {@code SMLAL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Ts>[<index>]}. */
    public static Insn smlalElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        int register = AdvSimdProducts.register(size, m, rm);
        return AdvSimdProducts.element(smlalLanes(q, size, register, n, d), l, m, h);
    }

    /** {@code UMLAL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn umlal(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, umlalLanes(q, size, m, n, d));
    }

    private static Vectors.Operation umlalLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Widening(q, size, true, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.mul(a, b, wide), Lanes.HIGH[wide]);
            }
        };
    }

    /** {@code UMLAL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Ts>[<index>]}. */
    public static Insn umlalElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        int register = AdvSimdProducts.register(size, m, rm);
        return AdvSimdProducts.element(umlalLanes(q, size, register, n, d), l, m, h);
    }

    /** {@code SMLSL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn smlsl(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, smlslLanes(q, size, m, n, d));
    }

    private static Vectors.Operation smlslLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Widening(q, size, false, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sub(old, Lanes.mul(a, b, wide), Lanes.HIGH[wide]);
            }
        };
    }

    /** {@code SMLSL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Ts>[<index>]}. */
    public static Insn smlslElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        int register = AdvSimdProducts.register(size, m, rm);
        return AdvSimdProducts.element(smlslLanes(q, size, register, n, d), l, m, h);
    }

    /** {@code UMLSL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn umlsl(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, umlslLanes(q, size, m, n, d));
    }

    private static Vectors.Operation umlslLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Widening(q, size, true, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sub(old, Lanes.mul(a, b, wide), Lanes.HIGH[wide]);
            }
        };
    }

    /** {@code UMLSL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Ts>[<index>]}. */
    public static Insn umlslElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        int register = AdvSimdProducts.register(size, m, rm);
        return AdvSimdProducts.element(umlslLanes(q, size, register, n, d), l, m, h);
    }

    /** {@code SMULL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn smull(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, smullLanes(q, size, m, n, d));
    }

    private static Vectors.Operation smullLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Widening(q, size, false, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.mul(a, b, wide);
            }
        };
    }

    /** {@code SMULL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Ts>[<index>]}. */
    public static Insn smullElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        int register = AdvSimdProducts.register(size, m, rm);
        return AdvSimdProducts.element(smullLanes(q, size, register, n, d), l, m, h);
    }

    /** {@code UMULL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn umull(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, umullLanes(q, size, m, n, d));
    }

    private static Vectors.Operation umullLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Widening(q, size, true, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.mul(a, b, wide);
            }
        };
    }

    /** {@code UMULL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Ts>[<index>]}. */
    public static Insn umullElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        int register = AdvSimdProducts.register(size, m, rm);
        return AdvSimdProducts.element(umullLanes(q, size, register, n, d), l, m, h);
    }

    /** {@code SQDMLAL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn sqdmlal(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 0 || size == 3, sqdmlalLanes(q, size, m, n, d));
    }

    private static Vectors.Operation sqdmlalLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Widening(q, size, false, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sqadd(c, old, Lanes.doublingLong(c, a, b, wide), wide);
            }
        };
    }

    /** {@code SQDMLAL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Ts>[<index>]}. */
    public static Insn sqdmlalElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        int register = AdvSimdProducts.register(size, m, rm);
        return AdvSimdProducts.element(sqdmlalLanes(q, size, register, n, d), l, m, h);
    }

    /** {@code SQDMLSL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn sqdmlsl(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 0 || size == 3, sqdmlslLanes(q, size, m, n, d));
    }

    private static Vectors.Operation sqdmlslLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Widening(q, size, false, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sqsub(c, old, Lanes.doublingLong(c, a, b, wide), wide);
            }
        };
    }

    /** {@code SQDMLSL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Ts>[<index>]}. */
    public static Insn sqdmlslElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        int register = AdvSimdProducts.register(size, m, rm);
        return AdvSimdProducts.element(sqdmlslLanes(q, size, register, n, d), l, m, h);
    }

    /** {@code SQDMULL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn sqdmull(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 0 || size == 3, sqdmullLanes(q, size, m, n, d));
    }

    private static Vectors.Operation sqdmullLanes(int q, int size, int m, int n, int d) {
        return new Vectors.Widening(q, size, false, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.doublingLong(c, a, b, wide);
            }
        };
    }

    /** {@code SQDMULL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Ts>[<index>]}. */
    public static Insn sqdmullElement(int q, int size, int l, int m, int rm, int h, int n, int d) {
        int register = AdvSimdProducts.register(size, m, rm);
        return AdvSimdProducts.element(sqdmullLanes(q, size, register, n, d), l, m, h);
    }
}
