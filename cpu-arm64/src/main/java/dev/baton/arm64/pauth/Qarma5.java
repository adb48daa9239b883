package dev.baton.arm64.pauth;

/**
 * The block cipher QARMA5-64 with the S-box sigma 2 (Avanzi, "The QARMA block cipher family", 2016), as ComputePAC of the Arm ARM
 * (J1.1.3, FEAT_PACQARMA5) uses it. Its state is 16 cells of four bits, cell 0 the lowest; what moves whole cells or bytes is done by
 * a table per byte.
 */
final class Qarma5 {
    private static final int ROUNDS = 5;
    private static final long ALPHA = 0xc0ac_29b7_c97c_50ddL;
    private static final long[] CONSTANTS = {
        0, 0x1319_8a2e_0370_7344L, 0xa409_3822_299f_31d0L, 0x082e_fa98_ec4e_6c89L, 0x4528_21e6_38d0_1377L
    };
    private static final long LOW_OF_CELLS = 0x1111_1111_1111_1111L;
    private static final long LOW_HALF_OF_CELLS = 0x3333_3333_3333_3333L;

    /** The cell that goes to each place: PACCellShuffle. */
    private static final int[] CELLS = {13, 6, 11, 0, 7, 12, 1, 10, 8, 3, 14, 5, 2, 9, 4, 15};
    /** TweakShuffle; the places in {@link #TURNED} get theirs turned by {@link #turned}. */
    private static final int[] TWEAK_CELLS = {4, 5, 6, 7, 11, 2, 3, 8, 12, 13, 14, 15, 0, 1, 10, 9};
    private static final int TURNED = 1 << 2 | 1 << 4 | 1 << 7 | 1 << 11 | 1 << 12 | 1 << 14 | 1 << 15;
    /** PACSub. */
    private static final int[] BOX = {0xb, 0x6, 0x8, 0xf, 0xc, 0x0, 0x9, 0xe, 0x3, 0x7, 0x4, 0x5, 0xd, 0x2, 0x1, 0xa};

    private static final long[][] SHUFFLE = new long[8][256];
    private static final long[][] INVERSE_SHUFFLE = new long[8][256];
    private static final long[][] TWEAK = new long[8][256];
    private static final long[][] INVERSE_TWEAK = new long[8][256];
    private static final long[][] SUB = new long[8][256];
    private static final long[][] INVERSE_SUB = new long[8][256];

    static {
        for (int to = 0; to < 16; to++) {
            for (int v = 0; v < 16; v++) {
                move(SHUFFLE, CELLS[to], v, to, v);
                move(INVERSE_SHUFFLE, to, v, CELLS[to], v);
                int turned = (TURNED >>> to & 1) != 0 ? turned(v) : v;
                move(TWEAK, TWEAK_CELLS[to], v, to, turned);
                move(INVERSE_TWEAK, to, turned, TWEAK_CELLS[to], v);
                move(SUB, to, v, to, BOX[v]);
                move(INVERSE_SUB, to, BOX[v], to, v);
            }
        }
    }

    private Qarma5() { }

    /** Cell {@code from} of value {@code in} becomes cell {@code to} of value {@code out}, whatever stands beside it in its byte. */
    private static void move(long[][] table, int from, int in, int to, int out) {
        for (int beside = 0; beside < 16; beside++) {
            int index = (from & 1) != 0 ? in << 4 | beside : beside << 4 | in;
            table[from >>> 1][index] |= (long) out << 4 * to;
        }
    }

    /** TweakCellRot. */
    private static int turned(int cell) {
        return cell >>> 1 | ((cell ^ cell >>> 1) & 1) << 3;
    }

    private static long through(long[][] t, long v) {
        return t[0][(int) v & 255] | t[1][(int) (v >>> 8) & 255] | t[2][(int) (v >>> 16) & 255] | t[3][(int) (v >>> 24) & 255]
                | t[4][(int) (v >>> 32) & 255] | t[5][(int) (v >>> 40) & 255] | t[6][(int) (v >>> 48) & 255] | t[7][(int) (v >>> 56)];
    }

    /** PACMult: every cell is a sum of the other three of its column, turned by one, two and one. */
    private static long mult(long v) {
        long one = v << 1 & ~LOW_OF_CELLS | v >>> 3 & LOW_OF_CELLS;
        long two = v << 2 & ~LOW_HALF_OF_CELLS | v >>> 2 & LOW_HALF_OF_CELLS;
        return Long.rotateRight(one, 16) ^ Long.rotateRight(two, 32) ^ Long.rotateRight(one, 48);
    }

    /**
     * ComputePAC.
     *
     * @param key0 bits 127:64 of the key
     * @param key1 bits 63:0
     */
    static long encrypt(long data, long modifier, long key0, long key1) {
        long tweak = modifier;
        long v = data ^ key0;
        for (int i = 0; i < ROUNDS; i++) {
            v ^= key1 ^ tweak ^ CONSTANTS[i];
            v = i == 0 ? v : mult(through(SHUFFLE, v));
            v = through(SUB, v);
            tweak = through(TWEAK, tweak);
        }
        long centre = Long.rotateRight(key0, 1) ^ key0 >>> 63;
        v = through(SUB, mult(through(SHUFFLE, v ^ centre ^ tweak)));
        v = key1 ^ mult(through(SHUFFLE, v));
        v = through(INVERSE_SHUFFLE, mult(through(INVERSE_SUB, through(INVERSE_SHUFFLE, v))));
        v ^= key0 ^ tweak;
        for (int i = ROUNDS - 1; i >= 0; i--) {
            v = through(INVERSE_SUB, v);
            v = i == 0 ? v : through(INVERSE_SHUFFLE, mult(v));
            tweak = through(INVERSE_TWEAK, tweak);
            v ^= CONSTANTS[i] ^ key1 ^ tweak ^ ALPHA;
        }
        return v ^ centre;
    }
}
