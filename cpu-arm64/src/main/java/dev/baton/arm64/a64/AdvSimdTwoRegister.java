package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Advanced SIMD two-register miscellaneous, vector and scalar (q = {@link Vectors#SCALAR}). */
public final class AdvSimdTwoRegister {
    private AdvSimdTwoRegister() { }

    /** {@code REV64 <Vd>.<T>, <Vn>.<T>}. */
    public static Insn rev64(int q, int size, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.reverse(a, size, 3);
            }
        });
    }

    /** {@code REV32 <Vd>.<T>, <Vn>.<T>}. */
    public static Insn rev32(int q, int size, int n, int d) {
        return Vectors.unless(size > 1, new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.reverse(a, size, 2);
            }
        });
    }

    /** {@code REV16 <Vd>.<T>, <Vn>.<T>}. */
    public static Insn rev16(int q, int size, int n, int d) {
        return Vectors.unless(size != 0, new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.reverse(a, size, 1);
            }
        });
    }

    /** {@code CLS <Vd>.<T>, <Vn>.<T>}. */
    public static Insn cls(int q, int size, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.countLeadingSigns(a, size);
            }
        });
    }

    /** {@code CLZ <Vd>.<T>, <Vn>.<T>}. */
    public static Insn clz(int q, int size, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.countLeadingZeros(a, size);
            }
        });
    }

    /** {@code CNT <Vd>.<T>, <Vn>.<T>}. */
    public static Insn cnt(int q, int size, int n, int d) {
        return Vectors.unless(size != 0, new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.countOnes(a);
            }
        });
    }

    /** {@code SUQADD <Vd>.<T>, <Vn>.<T>}. */
    public static Insn suqadd(int q, int size, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.suqadd(c, old, a, size);
            }
        });
    }

    /** {@code USQADD <Vd>.<T>, <Vn>.<T>}. */
    public static Insn usqadd(int q, int size, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.usqadd(c, old, a, size);
            }
        });
    }

    /** {@code SQABS <Vd>.<T>, <Vn>.<T>}. */
    public static Insn sqabs(int q, int size, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sqabs(c, a, size);
            }
        });
    }

    /** {@code SQNEG <Vd>.<T>, <Vn>.<T>}. */
    public static Insn sqneg(int q, int size, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sqneg(c, a, size);
            }
        });
    }

    /** {@code ABS <Vd>.<T>, <Vn>.<T>}. */
    public static Insn abs(int q, int size, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.abs(a, size);
            }
        });
    }

    /** {@code NEG <Vd>.<T>, <Vn>.<T>}. */
    public static Insn neg(int q, int size, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sub(0, a, high);
            }
        });
    }

    /** {@code CMGT <Vd>.<T>, <Vn>.<T>, #0}. */
    public static Insn cmgtZero(int q, int size, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.greater(a, 0, size);
            }
        });
    }

    /** {@code CMGE <Vd>.<T>, <Vn>.<T>, #0}. */
    public static Insn cmgeZero(int q, int size, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return ~Lanes.fill(a, size);
            }
        });
    }

    /** {@code CMEQ <Vd>.<T>, <Vn>.<T>, #0}. */
    public static Insn cmeqZero(int q, int size, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return ~Lanes.nonZero(a, size);
            }
        });
    }

    /** {@code CMLE <Vd>.<T>, <Vn>.<T>, #0}. */
    public static Insn cmleZero(int q, int size, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return ~Lanes.greater(a, 0, size);
            }
        });
    }

    /** {@code CMLT <Vd>.<T>, <Vn>.<T>, #0}. */
    public static Insn cmltZero(int q, int size, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.fill(a, size);
            }
        });
    }

    /** {@code NOT <Vd>.<T>, <Vn>.<T>}. */
    public static Insn not(int q, int n, int d) {
        return new Vectors.Same(q, 0, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return ~a;
            }
        };
    }

    /** {@code RBIT <Vd>.<T>, <Vn>.<T>}. */
    public static Insn rbit(int q, int n, int d) {
        return new Vectors.Same(q, 0, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.reverseBits(a);
            }
        };
    }

    /** {@code SADDLP <Vd>.<Ta>, <Vn>.<Tb>}. */
    public static Insn saddlp(int q, int size, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.saddlp(a, size);
            }
        });
    }

    /** {@code SADALP <Vd>.<Ta>, <Vn>.<Tb>}. */
    public static Insn sadalp(int q, int size, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.saddlp(a, size), Lanes.HIGH[size + 1]);
            }
        });
    }

    /** {@code UADDLP <Vd>.<Ta>, <Vn>.<Tb>}. */
    public static Insn uaddlp(int q, int size, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.uaddlp(a, size);
            }
        });
    }

    /** {@code UADALP <Vd>.<Ta>, <Vn>.<Tb>}. */
    public static Insn uadalp(int q, int size, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.uaddlp(a, size), Lanes.HIGH[size + 1]);
            }
        });
    }

    /** {@code XTN{2} <Vd>.<Tb>, <Vn>.<Ta>}. */
    public static Insn xtn(int q, int size, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Narrowing(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return a;
            }
        });
    }

    /** {@code SQXTN{2} <Vd>.<Tb>, <Vn>.<Ta>}. */
    public static Insn sqxtn(int q, int size, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Narrowing(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.saturateNarrow(c, a, size, false, false);
            }
        });
    }

    /** {@code UQXTN{2} <Vd>.<Tb>, <Vn>.<Ta>}. */
    public static Insn uqxtn(int q, int size, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Narrowing(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.saturateNarrow(c, a, size, true, true);
            }
        });
    }

    /** {@code SQXTUN{2} <Vd>.<Tb>, <Vn>.<Ta>}. */
    public static Insn sqxtun(int q, int size, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Narrowing(q, size, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.saturateNarrow(c, a, size, false, true);
            }
        });
    }

    /** {@code SHLL{2} <Vd>.<Ta>, <Vn>.<Tb>, #<shift>}. */
    public static Insn shll(int q, int size, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Widening(q, size, true, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return a << (8 << size);
            }
        });
    }
}
