package dev.baton.arm64.mmu;

/** The outcome of a translation as an int: {@link #OK}, or a fault status code (ESR_ELx.DFSC) with where it happened. */
public final class Fault {
    public static final int OK = -1;
    /** The fault is of stage 2. */
    public static final int STAGE2 = 1 << 8;
    /** It is of stage 2, on the address of a stage 1 descriptor. */
    public static final int S1PTW = 1 << 9;

    // Kinds, to which the level is added.
    static final int ADDRESS_SIZE = 0x00;
    static final int TRANSLATION = 0x04;
    static final int ACCESS_FLAG = 0x08;
    static final int PERMISSION = 0x0c;
    static final int EXTERNAL = 0x14;

    private static final int CODE = 0x3f;

    private Fault() { }

    static int at(int kind, int level) {
        if (level >= 0) {
            return kind + level;
        }
        return switch (kind) {
            case ADDRESS_SIZE -> 0x29;
            case TRANSLATION -> 0x2b;
            default -> 0x13;
        };
    }

    /** The fault status code. */
    public static int code(int fault) {
        return fault & CODE;
    }

    /** A synchronous external abort on a table walk. */
    public static boolean externalOnWalk(int fault) {
        int code = code(fault);
        return code >= 0x13 && code <= 0x17;
    }
}
