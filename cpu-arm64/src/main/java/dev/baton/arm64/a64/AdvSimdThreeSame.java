package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Advanced SIMD three same, vector and scalar (q = {@link Vectors#SCALAR}), except products. */
public final class AdvSimdThreeSame {
    private AdvSimdThreeSame() { }

    /** {@code SHADD <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn shadd(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.uhadd(a ^ high, b ^ high, high) ^ high;
            }
        });
    }

    /** {@code SQADD <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn sqadd(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sqadd(c, a, b, size);
            }
        });
    }

    /** {@code SRHADD <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn srhadd(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.urhadd(a ^ high, b ^ high, high) ^ high;
            }
        });
    }

    /** {@code AND <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn and(int q, int m, int n, int d) {
        return new Vectors.Same(q, 3, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return a & b;
            }
        };
    }

    /** {@code BIC <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn bic(int q, int m, int n, int d) {
        return new Vectors.Same(q, 3, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return a & ~b;
            }
        };
    }

    /** {@code ORR <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn orr(int q, int m, int n, int d) {
        return new Vectors.Same(q, 3, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return a | b;
            }
        };
    }

    /** {@code ORN <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn orn(int q, int m, int n, int d) {
        return new Vectors.Same(q, 3, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return a | ~b;
            }
        };
    }

    /** {@code SHSUB <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn shsub(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.uhsub(a ^ high, b ^ high, high);
            }
        });
    }

    /** {@code SQSUB <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn sqsub(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sqsub(c, a, b, size);
            }
        });
    }

    /** {@code CMGT <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn cmgt(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.greater(a, b, size);
            }
        });
    }

    /** {@code CMGE <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn cmge(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return ~Lanes.greater(b, a, size);
            }
        });
    }

    /** {@code SSHL <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn sshl(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftByRegister(c, a, b, size, false, false, false);
            }
        });
    }

    /** {@code SQSHL <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn sqshl(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftByRegister(c, a, b, size, false, false, true);
            }
        });
    }

    /** {@code SRSHL <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn srshl(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftByRegister(c, a, b, size, false, true, false);
            }
        });
    }

    /** {@code SQRSHL <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn sqrshl(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftByRegister(c, a, b, size, false, true, true);
            }
        });
    }

    /** {@code SMAX <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn smax(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.smax(a, b, size);
            }
        });
    }

    /** {@code SMIN <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn smin(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.smin(a, b, size);
            }
        });
    }

    /** {@code SABD <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn sabd(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sabd(a, b, size);
            }
        });
    }

    /** {@code SABA <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn saba(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.sabd(a, b, size), high);
            }
        });
    }

    /** {@code ADD <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn add(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(a, b, high);
            }
        });
    }

    /** {@code CMTST <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn cmtst(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.nonZero(a & b, size);
            }
        });
    }

    /** {@code SMAXP <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn smaxp(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Pairwise(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.smax(a, b, size);
            }
        });
    }

    /** {@code SMINP <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn sminp(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Pairwise(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.smin(a, b, size);
            }
        });
    }

    /** {@code ADDP <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn addp(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Pairwise(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(a, b, high);
            }
        });
    }

    /** {@code UHADD <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn uhadd(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.uhadd(a, b, high);
            }
        });
    }

    /** {@code UQADD <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn uqadd(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.uqadd(c, a, b, size);
            }
        });
    }

    /** {@code URHADD <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn urhadd(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.urhadd(a, b, high);
            }
        });
    }

    /** {@code EOR <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn eor(int q, int m, int n, int d) {
        return new Vectors.Same(q, 3, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return a ^ b;
            }
        };
    }

    /** {@code BSL <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn bsl(int q, int m, int n, int d) {
        return new Vectors.Same(q, 3, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.select(old, a, b);
            }
        };
    }

    /** {@code BIT <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn bit(int q, int m, int n, int d) {
        return new Vectors.Same(q, 3, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.select(b, a, old);
            }
        };
    }

    /** {@code BIF <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn bif(int q, int m, int n, int d) {
        return new Vectors.Same(q, 3, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.select(b, old, a);
            }
        };
    }

    /** {@code UHSUB <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn uhsub(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.uhsub(a, b, high);
            }
        });
    }

    /** {@code UQSUB <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn uqsub(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.uqsub(c, a, b, size);
            }
        });
    }

    /** {@code CMHI <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn cmhi(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.higher(a, b, size);
            }
        });
    }

    /** {@code CMHS <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn cmhs(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return ~Lanes.higher(b, a, size);
            }
        });
    }

    /** {@code USHL <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn ushl(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftByRegister(c, a, b, size, true, false, false);
            }
        });
    }

    /** {@code UQSHL <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn uqshl(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftByRegister(c, a, b, size, true, false, true);
            }
        });
    }

    /** {@code URSHL <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn urshl(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftByRegister(c, a, b, size, true, true, false);
            }
        });
    }

    /** {@code UQRSHL <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn uqrshl(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftByRegister(c, a, b, size, true, true, true);
            }
        });
    }

    /** {@code UMAX <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn umax(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.umax(a, b, size);
            }
        });
    }

    /** {@code UMIN <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn umin(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.umin(a, b, size);
            }
        });
    }

    /** {@code UABD <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn uabd(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.uabd(a, b, size);
            }
        });
    }

    /** {@code UABA <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn uaba(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.uabd(a, b, size), high);
            }
        });
    }

    /** {@code SUB <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn sub(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.sub(a, b, high);
            }
        });
    }

    /** {@code CMEQ <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn cmeq(int q, int size, int m, int n, int d) {
        return Vectors.unless(Vectors.single(q, size), new Vectors.Same(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.equal(a, b, size);
            }
        });
    }

    /** {@code PMUL <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn pmul(int q, int m, int n, int d) {
        return new Vectors.Same(q, 0, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.polynomial(a, b, 0);
            }
        };
    }

    /** {@code UMAXP <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn umaxp(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Pairwise(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.umax(a, b, size);
            }
        });
    }

    /** {@code UMINP <Vd>.<T>, <Vn>.<T>, <Vm>.<T>}. */
    public static Insn uminp(int q, int size, int m, int n, int d) {
        return Vectors.unless(size == 3, new Vectors.Pairwise(q, size, m, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.umin(a, b, size);
            }
        });
    }
}
