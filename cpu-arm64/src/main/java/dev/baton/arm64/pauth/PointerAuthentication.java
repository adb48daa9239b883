package dev.baton.arm64.pauth;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.Features;
import dev.baton.arm64.sysreg.Hcr;
import dev.baton.arm64.sysreg.Register;
import dev.baton.core.machine.SplitMix64;

/**
 * Pointer authentication of one CPU (Arm ARM, AddPAC, Auth, Strip). Without FEAT_EPAC, FEAT_PAuth2 and FEAT_FPAC: a pointer that is not
 * canonical gets a code with one bit flipped, and one that fails becomes a non-canonical address.
 */
public final class PointerAuthentication {
    // The keys by number: instruction or data in bit 1, A or B in bit 0.
    public static final int IA = 0;
    public static final int IB = 1;
    public static final int DA = 2;
    public static final int DB = 3;
    private static final int GA = 4;

    private static final String[] NAMES = {"APIA", "APIB", "APDA", "APDB", "APGA"};
    /** SCTLR_ELx.EnIA, EnIB, EnDA, EnDB. */
    private static final int[] ENABLE = {31, 30, 27, 13};
    private static final long SCR_API = 1L << 17;
    private static final int EC_PAC = 0x09;
    private static final long BIT55 = 1L << 55;
    private static final int REMEMBERED = 1024;

    private final Arm64Cpu cpu;
    private final boolean implementationDefined;
    private final Register[] low = new Register[NAMES.length];
    private final Register[] high = new Register[NAMES.length];
    private final Register hcr;
    private final Register scr;

    /**
     * Codes computed lately: data, modifier, both halves of the key, code. A function that returns asks for what it asked for when it
     * was entered.
     */
    private final long[] remembered = new long[5 * REMEMBERED];

    public PointerAuthentication(Arm64Cpu cpu) {
        this.cpu = cpu;
        implementationDefined = cpu.features.has(Features.number("FEAT_PACIMP"));
        for (int k = 0; k < NAMES.length; k++) {
            low[k] = cpu.sysregs.register(NAMES[k] + "KeyLo_EL1");
            high[k] = cpu.sysregs.register(NAMES[k] + "KeyHi_EL1");
        }
        hcr = cpu.sysregs.hcrEl2;
        scr = cpu.sysregs.scrEl3;
        long ofZeros = compute(0, 0, 0, 0);
        for (int i = 0; i < REMEMBERED; i++) {
            remembered[5 * i + 4] = ofZeros;
        }
    }

    /** PACIA and relatives: {@code pointer} with its code, or as it is where the key is not enabled. */
    public long add(int key, long pointer, long modifier) {
        return enabled(key) ? addCode(pointer, modifier, key) : pointer;
    }

    /** AUTIA and relatives: {@code pointer} without its code if that is right, else an address that faults. */
    public long authenticate(int key, long pointer, long modifier) {
        return enabled(key) ? check(pointer, modifier, key) : pointer;
    }

    /** PACGA: a code of any value. */
    public long generic(long value, long modifier) {
        trap();
        return code(value, modifier, GA) & 0xffff_ffff_0000_0000L;
    }

    private boolean enabled(int key) {
        if ((cpu.sysregs.sctlr() >>> ENABLE[key] & 1) == 0) {
            return false;
        }
        trap();
        return true;
    }

    /** HCR_EL2.API traps guests, SCR_EL3.API everybody below EL3. */
    private void trap() {
        boolean guest = cpu.el == 1 || cpu.el == 0 && !cpu.sysregs.hostEl0();
        if (guest && cpu.config.el2() && (hcr.value & Hcr.API) == 0) {
            throw cpu.exceptions.trap(2, EC_PAC, 0);
        }
        if (cpu.el < 3 && cpu.config.el3() && (scr.value & SCR_API) == 0) {
            throw cpu.exceptions.trap(3, EC_PAC, 0);
        }
    }

    private static boolean instruction(int key) {
        return key <= IB;
    }

    /** Bits {@code top:bottom}. */
    private static long bits(int top, int bottom) {
        return -1L >>> 63 - top & -1L << bottom;
    }

    private long addCode(long pointer, long modifier, int key) {
        boolean tbi = cpu.mmu.topByteIgnored(pointer, instruction(key));
        boolean upper = (cpu.mmu.anyTopByteIgnored(pointer, instruction(key)) ? pointer >>> 55 & 1 : pointer >>> 63) != 0;
        int top = tbi ? 55 : 63;
        int bottom = cpu.mmu.addressBits(upper);
        long field = bits(top, bottom);
        long extension = upper ? field : 0;
        long code = code(pointer & ~field | extension, modifier, key);
        if ((pointer & field) != 0 && (pointer & field) != field) {
            code ^= 1L << top - 1;
        }
        return pointer & ~field | code & field & ~BIT55 | (upper ? BIT55 : 0);
    }

    private long check(long pointer, long modifier, int key) {
        boolean tbi = cpu.mmu.topByteIgnored(pointer, instruction(key));
        long canonical = canonical(pointer, tbi);
        long field = bits(tbi ? 54 : 63, cpu.mmu.addressBits((pointer & BIT55) != 0)) & ~BIT55;
        if (((code(canonical, modifier, key) ^ pointer) & field) == 0) {
            return canonical;
        }
        long error = (key & 1) != 0 ? 2 : 1;
        int at = tbi ? 53 : 61;
        return canonical & ~(3L << at) | error << at;
    }

    /** XPACI, XPACD: {@code pointer} without its code, right or not. */
    public long strip(long pointer, boolean instruction) {
        return canonical(pointer, cpu.mmu.topByteIgnored(pointer, instruction));
    }

    /** Copies of bit 55 from there down to the first bit of the address, and up to the top unless that is ignored. */
    private long canonical(long pointer, boolean tbi) {
        boolean upper = (pointer & BIT55) != 0;
        long field = bits(tbi ? 55 : 63, cpu.mmu.addressBits(upper));
        return upper ? pointer | field : pointer & ~field;
    }

    private long code(long data, long modifier, int key) {
        long key0 = high[key].value;
        long key1 = low[key].value;
        long mixed = (data ^ Long.rotateLeft(modifier, 21) ^ key1) * SplitMix64.GAMMA;
        int at = (int) (mixed >>> 54) * 5;
        long[] r = remembered;
        if (r[at] != data || r[at + 1] != modifier || r[at + 2] != key0 || r[at + 3] != key1) {
            r[at] = data;
            r[at + 1] = modifier;
            r[at + 2] = key0;
            r[at + 3] = key1;
            r[at + 4] = compute(data, modifier, key0, key1);
        }
        return r[at + 4];
    }

    private long compute(long data, long modifier, long key0, long key1) {
        return implementationDefined ? mix(data, modifier, key0, key1) : Qarma5.encrypt(data, modifier, key0, key1);
    }

    /** The IMPLEMENTATION DEFINED algorithm: quick, and no secret. */
    private static long mix(long data, long modifier, long key0, long key1) {
        long v = data ^ key0;
        for (long next : new long[] {modifier ^ key1, key0, key1}) {
            v = SplitMix64.mix(v) ^ next;
        }
        return v;
    }
}
