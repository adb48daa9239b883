package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Advanced SIMD three different, except products of integers. */
public final class AdvSimdThreeDifferent {
    private AdvSimdThreeDifferent() { }

    /** {@code SADDL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn saddl(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Widening(q, size, false, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(a, b, Lanes.HIGH[wide]);
            }
        });
    }

    /** {@code SADDW{2} <Vd>.<Ta>, <Vn>.<Ta>, <Vm>.<Tb>}. */
    public static Insn saddw(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Wide(q, size, false, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(a, b, Lanes.HIGH[wide]);
            }
        });
    }

    /** {@code SSUBL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn ssubl(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Widening(q, size, false, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sub(a, b, Lanes.HIGH[wide]);
            }
        });
    }

    /** {@code SSUBW{2} <Vd>.<Ta>, <Vn>.<Ta>, <Vm>.<Tb>}. */
    public static Insn ssubw(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Wide(q, size, false, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sub(a, b, Lanes.HIGH[wide]);
            }
        });
    }

    /** {@code SABAL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn sabal(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Widening(q, size, false, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.sabd(a, b, wide), Lanes.HIGH[wide]);
            }
        });
    }

    /** {@code SABDL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn sabdl(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Widening(q, size, false, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sabd(a, b, wide);
            }
        });
    }

    /** {@code UADDL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn uaddl(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Widening(q, size, true, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(a, b, Lanes.HIGH[wide]);
            }
        });
    }

    /** {@code UADDW{2} <Vd>.<Ta>, <Vn>.<Ta>, <Vm>.<Tb>}. */
    public static Insn uaddw(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Wide(q, size, true, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(a, b, Lanes.HIGH[wide]);
            }
        });
    }

    /** {@code USUBL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn usubl(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Widening(q, size, true, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sub(a, b, Lanes.HIGH[wide]);
            }
        });
    }

    /** {@code USUBW{2} <Vd>.<Ta>, <Vn>.<Ta>, <Vm>.<Tb>}. */
    public static Insn usubw(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Wide(q, size, true, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sub(a, b, Lanes.HIGH[wide]);
            }
        });
    }

    /** {@code UABAL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn uabal(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Widening(q, size, true, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.uabd(a, b, wide), Lanes.HIGH[wide]);
            }
        });
    }

    /** {@code UABDL{2} <Vd>.<Ta>, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn uabdl(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Widening(q, size, true, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.uabd(a, b, wide);
            }
        });
    }

    /** {@code ADDHN{2} <Vd>.<Tb>, <Vn>.<Ta>, <Vm>.<Ta>}. */
    public static Insn addhn(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Narrowing(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(a, b, Lanes.HIGH[wide]) >>> (8 << size);
            }
        });
    }

    /** {@code RADDHN{2} <Vd>.<Tb>, <Vn>.<Ta>, <Vm>.<Ta>}. */
    public static Insn raddhn(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Narrowing(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(Lanes.add(a, b, Lanes.HIGH[wide]), Lanes.LOW[wide] << (8 << size) - 1, Lanes.HIGH[wide]) >>> (8 << size);
            }
        });
    }

    /** {@code SUBHN{2} <Vd>.<Tb>, <Vn>.<Ta>, <Vm>.<Ta>}. */
    public static Insn subhn(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Narrowing(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sub(a, b, Lanes.HIGH[wide]) >>> (8 << size);
            }
        });
    }

    /** {@code RSUBHN{2} <Vd>.<Tb>, <Vn>.<Ta>, <Vm>.<Ta>}. */
    public static Insn rsubhn(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Narrowing(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(Lanes.sub(a, b, Lanes.HIGH[wide]), Lanes.LOW[wide] << (8 << size) - 1, Lanes.HIGH[wide]) >>> (8 << size);
            }
        });
    }

    /** {@code PMULL{2} <Vd>.8H, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn pmull8(int q, int m, int n, int d) {
        return new Vectors.Widening(q, 0, true, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.polynomial(a, b, 1);
            }
        };
    }

    /** {@code PMULL{2} <Vd>.1Q, <Vn>.<Tb>, <Vm>.<Tb>}. */
    public static Insn pmull64(int q, int m, int n, int d) {
        return new Pmull64(2 * m + q, 2 * n + q, 2 * d);
    }

    static final class Pmull64 extends Insn {
        private final int m;
        private final int n;
        private final int d;

        Pmull64(int m, int n, int d) {
            this.m = m;
            this.n = n;
            this.d = d;
        }

        @Override
        public void execute(Arm64Cpu c) {
            if (c.fpTrapped) {
                throw c.fpTrap(this);
            }
            long a = c.v[n];
            long b = c.v[m];
            c.v[d] = Polynomials.low(a, b);
            c.v[d + 1] = Polynomials.high(a, b);
        }
    }
}
