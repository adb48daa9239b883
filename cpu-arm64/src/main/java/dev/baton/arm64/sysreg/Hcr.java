package dev.baton.arm64.sysreg;

/** Fields of HCR_EL2 that several parts look at. */
public final class Hcr {
    public static final long VM = 1L << 0;
    public static final long PTW = 1L << 2;
    public static final long FMO = 1L << 3;
    public static final long IMO = 1L << 4;
    public static final long AMO = 1L << 5;
    public static final long VF = 1L << 6;
    public static final long VI = 1L << 7;
    public static final long VSE = 1L << 8;
    public static final long FB = 1L << 9;
    public static final long DC = 1L << 12;
    public static final long TWI = 1L << 13;
    public static final long TWE = 1L << 14;
    public static final long TSC = 1L << 19;
    public static final long TGE = 1L << 27;
    public static final long HCD = 1L << 29;
    public static final long RW = 1L << 31;
    public static final long CD = 1L << 32;
    public static final long ID = 1L << 33;
    public static final long E2H = 1L << 34;
    public static final long TLOR = 1L << 35;
    public static final long TERR = 1L << 36;
    public static final long TEA = 1L << 37;
    public static final long APK = 1L << 40;
    public static final long API = 1L << 41;
    public static final long FWB = 1L << 46;
    public static final long ENSCXT = 1L << 53;

    private Hcr() { }
}
