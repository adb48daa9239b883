package dev.baton.arm64.a64;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;

/** Advanced SIMD shift by immediate, vector and scalar (q = {@link Vectors#SCALAR}). */
public final class AdvSimdShiftImmediate {
    private AdvSimdShiftImmediate() { }

    /** The immediate immh:immb says the lane's size by its top bit, and with the rest the amount. Zero is reserved. */
    private static int size(int immh) {
        return immh == 0 ? 3 : 31 - Integer.numberOfLeadingZeros(immh);
    }

    private static boolean reserved(int q, int immh) {
        return immh == 0 || Vectors.single(q, size(immh));
    }

    /** Where the scalar form is of 64 bits only. */
    private static boolean reserved64(int q, int immh) {
        return immh < (q == Vectors.SCALAR ? 8 : 1) || Vectors.single(q, size(immh));
    }

    private static int right(int immh, int immb) {
        return (16 << size(immh)) - (immh << 3 | immb);
    }

    private static int left(int immh, int immb) {
        return (immh << 3 | immb) - (8 << size(immh));
    }

    /** {@code SSHR <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn sshr(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(reserved64(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftRightSigned(a, by, size);
            }
        });
    }

    /** {@code SSRA <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn ssra(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(reserved64(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.shiftRightSigned(a, by, size), high);
            }
        });
    }

    /** {@code SRSHR <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn srshr(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(reserved64(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.roundingRight(a, by, size, false);
            }
        });
    }

    /** {@code SRSRA <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn srsra(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(reserved64(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.roundingRight(a, by, size, false), high);
            }
        });
    }

    /** {@code SQSHL <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn sqshl(int q, int immh, int immb, int n, int d) {
        int by = left(immh, immb);
        return Vectors.unless(reserved(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.leftSaturating(c, a, by, size, false);
            }
        });
    }

    /** {@code SSHLL{2} <Vd>.<Ta>, <Vn>.<Tb>, #<shift>}. */
    public static Insn sshll(int q, int immh, int immb, int n, int d) {
        int by = left(immh, immb);
        return Vectors.unless(size(immh) == 3, new Vectors.Widening(q, size(immh), false, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftLeft(a, by, wide);
            }
        });
    }

    /** {@code USHR <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn ushr(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(reserved64(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftRight(a, by, size);
            }
        });
    }

    /** {@code USRA <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn usra(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(reserved64(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.shiftRight(a, by, size), high);
            }
        });
    }

    /** {@code URSHR <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn urshr(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(reserved64(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.roundingRight(a, by, size, true);
            }
        });
    }

    /** {@code URSRA <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn ursra(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(reserved64(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.add(old, Lanes.roundingRight(a, by, size, true), high);
            }
        });
    }

    /** {@code UQSHL <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn uqshl(int q, int immh, int immb, int n, int d) {
        int by = left(immh, immb);
        return Vectors.unless(reserved(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.leftSaturating(c, a, by, size, true);
            }
        });
    }

    /** {@code USHLL{2} <Vd>.<Ta>, <Vn>.<Tb>, #<shift>}. */
    public static Insn ushll(int q, int immh, int immb, int n, int d) {
        int by = left(immh, immb);
        return Vectors.unless(size(immh) == 3, new Vectors.Widening(q, size(immh), true, n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftLeft(a, by, wide);
            }
        });
    }

    /** {@code SHL <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn shl(int q, int immh, int immb, int n, int d) {
        int by = left(immh, immb);
        return Vectors.unless(reserved64(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.shiftLeft(a, by, size);
            }
        });
    }

    /** {@code SLI <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn sli(int q, int immh, int immb, int n, int d) {
        int by = left(immh, immb);
        return Vectors.unless(reserved64(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.select(Lanes.shiftLeft(-1, by, size), Lanes.shiftLeft(a, by, size), old);
            }
        });
    }

    /** {@code SRI <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn sri(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(reserved64(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.select(Lanes.shiftRight(-1, by, size), Lanes.shiftRight(a, by, size), old);
            }
        });
    }

    /** {@code SQSHLU <Vd>.<T>, <Vn>.<T>, #<shift>}. */
    public static Insn sqshlu(int q, int immh, int immb, int n, int d) {
        int by = left(immh, immb);
        return Vectors.unless(reserved(q, immh), new Vectors.Same(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.leftSaturatingToUnsigned(c, a, by, size);
            }
        });
    }

    /** {@code SHRN{2} <Vd>.<Tb>, <Vn>.<Ta>, #<shift>}. */
    public static Insn shrn(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(size(immh) == 3, new Vectors.Narrowing(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return a >>> by;
            }
        });
    }

    /** {@code RSHRN{2} <Vd>.<Tb>, <Vn>.<Ta>, #<shift>}. */
    public static Insn rshrn(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(size(immh) == 3, new Vectors.Narrowing(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.roundingRight(a, by, wide, true);
            }
        });
    }

    /** {@code SQSHRN{2} <Vd>.<Tb>, <Vn>.<Ta>, #<shift>}. */
    public static Insn sqshrn(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(size(immh) == 3, new Vectors.Narrowing(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.saturateNarrow(c, Lanes.shiftRightSigned(a, by, wide), size, false, false);
            }
        });
    }

    /** {@code SQRSHRN{2} <Vd>.<Tb>, <Vn>.<Ta>, #<shift>}. */
    public static Insn sqrshrn(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(size(immh) == 3, new Vectors.Narrowing(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.saturateNarrow(c, Lanes.roundingRight(a, by, wide, false), size, false, false);
            }
        });
    }

    /** {@code UQSHRN{2} <Vd>.<Tb>, <Vn>.<Ta>, #<shift>}. */
    public static Insn uqshrn(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(size(immh) == 3, new Vectors.Narrowing(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.saturateNarrow(c, Lanes.shiftRight(a, by, wide), size, true, true);
            }
        });
    }

    /** {@code UQRSHRN{2} <Vd>.<Tb>, <Vn>.<Ta>, #<shift>}. */
    public static Insn uqrshrn(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(size(immh) == 3, new Vectors.Narrowing(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.saturateNarrow(c, Lanes.roundingRight(a, by, wide, true), size, true, true);
            }
        });
    }

    /** {@code SQSHRUN{2} <Vd>.<Tb>, <Vn>.<Ta>, #<shift>}. */
    public static Insn sqshrun(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(size(immh) == 3, new Vectors.Narrowing(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.saturateNarrow(c, Lanes.shiftRightSigned(a, by, wide), size, false, true);
            }
        });
    }

    /** {@code SQRSHRUN{2} <Vd>.<Tb>, <Vn>.<Ta>, #<shift>}. */
    public static Insn sqrshrun(int q, int immh, int immb, int n, int d) {
        int by = right(immh, immb);
        return Vectors.unless(size(immh) == 3, new Vectors.Narrowing(q, size(immh), n, n, d) {
            @Override
            long half(Arm64Cpu c, long old, long a, long b) {
                return Lanes.saturateNarrow(c, Lanes.roundingRight(a, by, wide, false), size, false, true);
            }
        });
    }
}
