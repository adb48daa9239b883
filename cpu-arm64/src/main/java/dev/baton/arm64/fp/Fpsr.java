package dev.baton.arm64.fp;

/** Bits of FPCR and FPSR. */
public final class Fpsr {
    public static final int IOC = 1;
    public static final int DZC = 1 << 1;
    public static final int OFC = 1 << 2;
    public static final int UFC = 1 << 3;
    public static final int IXC = 1 << 4;
    public static final int IDC = 1 << 7;
    public static final int QC = 1 << 27;

    static final int FZ16 = 1 << 19;
    static final int FZ = 1 << 24;
    static final int DN = 1 << 25;
    static final int AHP = 1 << 26;
    /** FPCR bits without which an operation rounds to nearest and treats nothing specially. */
    static final int NOT_PLAIN = 3 << 22 | FZ | DN;

    private Fpsr() { }

    /** FPCR.RMode as a {@link Rounding}. */
    static int rounding(int fpcr) {
        return fpcr >>> 22 & 3;
    }
}
