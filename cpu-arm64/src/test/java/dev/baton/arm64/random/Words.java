package dev.baton.arm64.random;

/** The few encodings that the frame around a random program is made of. */
final class Words {
    static final int SVC = 0xd400_0001;
    static final int HLT = 0xd440_0000;

    static final int CLREX = 0xd503_3f5f;

    private Words() { }

    static int movz(int d, int imm16, int hw) {
        return 0xd280_0000 | hw << 21 | (imm16 & 0xffff) << 5 | d;
    }

    static int movk(int d, int imm16, int hw) {
        return 0xf280_0000 | hw << 21 | (imm16 & 0xffff) << 5 | d;
    }

    /** Rn and Rd 31 are SP. */
    static int add(int d, int n, int imm12) {
        return 0x9100_0000 | imm12 << 10 | n << 5 | d;
    }

    static int addShifted12(int d, int n, int imm12) {
        return 0x9140_0000 | imm12 << 10 | n << 5 | d;
    }

    /** LDR (unsigned offset), {@code size} 0 to 3. */
    static int ldr(int size, int t, int n, int offset) {
        return 0x3940_0000 | size << 30 | (offset >> size) << 10 | n << 5 | t;
    }

    static int str(int t, int n, int offset) {
        return 0xf900_0000 | (offset >> 3) << 10 | n << 5 | t;
    }

    static int ldp(int wide, int t, int t2, int n) {
        return 0x2940_0000 | wide << 31 | t2 << 10 | n << 5 | t;
    }

    static int msrNzcv(int t) {
        return 0xd51b_4200 | t;
    }

    static int mrsNzcv(int t) {
        return 0xd53b_4200 | t;
    }

    static int msrFpcr(int t) {
        return 0xd51b_4400 | t;
    }

    static int mrsFpcr(int t) {
        return 0xd53b_4400 | t;
    }

    static int msrFpsr(int t) {
        return 0xd51b_4420 | t;
    }

    static int mrsFpsr(int t) {
        return 0xd53b_4420 | t;
    }

    /** LD1 of four whole registers from {@code t} on, post-indexed. */
    static int ld1Four(int t, int n) {
        return 0x4cdf_2c00 | n << 5 | t;
    }

    /** ST1 of four whole registers from {@code t} on, post-indexed. */
    static int st1Four(int t, int n) {
        return 0x4c9f_2c00 | n << 5 | t;
    }

    /** LD1 of one whole register. */
    static int ld1(int t, int n) {
        return 0x4c40_7000 | n << 5 | t;
    }

    static int dcZva(int t) {
        return 0xd50b_7420 | t;
    }

    static int adr(int d, int words) {
        int offset = 4 * words;
        return 0x1000_0000 | (offset & 3) << 29 | (offset >> 2 & 0x7ffff) << 5 | d;
    }
}
