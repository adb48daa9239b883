package dev.baton.arm64.mmu;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.sysreg.Register;
import dev.baton.core.mem.Accessor;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;

/**
 * The VMSAv8-64 stage 1 translation table walk (Arm ARM, AArch64.S1Walk): granules of 4, 16 and 64 KiB, 48-bit input and
 * output addresses. One instance per CPU; a walk leaves its outcome in the fields.
 */
final class Walker {
    static final int OK = -1;
    /** Most descriptors that one walk reads. */
    static final int LEVELS = 4;

    // Fault status codes, to which the level is added.
    private static final int ADDRESS_SIZE = 0x00;
    private static final int TRANSLATION = 0x04;
    private static final int ACCESS_FLAG = 0x08;
    private static final int EXTERNAL_ABORT = 0x14;

    private static final int[] PS_BITS = {32, 36, 40, 42, 44, 48, 48, 48};

    /** The walks of a CPU as accesses of their own in findings. */
    private final class WalkAccess implements Accessor {
        @Override
        public int index() {
            return cpu.index();
        }

        @Override
        public long pc() {
            return cpu.pc();
        }

        @Override
        public String activity() {
            return cpu.activity();
        }

        @Override
        public long virtualAddress() {
            return cpu.virtualAddress();
        }

        @Override
        public boolean tableWalk() {
            return true;
        }
    }

    private final Arm64Cpu cpu;
    private final Accessor access = new WalkAccess();
    private final Register[] tcr;
    private final Register[] ttbr0;
    private final Register[] ttbr1;
    private final Register[] mair;
    private final Register[] sctlr;
    private final int paBits;

    // Control values decoded by begin().
    private int pageBits;
    private int inputBits;
    private int outputBits;
    private int first;
    private boolean cacheable;
    private boolean disabled;
    /** The address with its tag replaced by copies of bit 55. */
    long canonical;
    int asid;
    /** Address of the first table. */
    long root;

    // Outcome.
    long pa;
    int shift;
    int attr;
    int ap;
    boolean pxn;
    boolean uxn;
    boolean global;
    int level;
    long address;
    long descriptor;
    /** Addresses of the descriptors read, the leaf last. */
    final long[] read = new long[LEVELS];
    int reads;

    Walker(Arm64Cpu cpu) {
        this.cpu = cpu;
        tcr = registers("TCR");
        ttbr0 = registers("TTBR0");
        mair = registers("MAIR");
        sctlr = registers("SCTLR");
        ttbr1 = new Register[] {cpu.sysregs.register("TTBR1_EL1"), null, cpu.sysregs.register("TTBR1_EL2"), null};
        paBits = PS_BITS[(int) cpu.sysregs.readByName("ID_AA64MMFR0_EL1") & 7];
    }

    private Register[] registers(String name) {
        Register el2 = cpu.sysregs.register(name + "_EL2");
        return new Register[] {cpu.sysregs.register(name + "_EL1"), el2, el2, cpu.sysregs.register(name + "_EL3")};
    }

    long sctlr(int regime) {
        return sctlr[regime].value;
    }

    int paBits() {
        return paBits;
    }

    int asidMask(int regime) {
        return field(tcr[regime].value, 36, 1) != 0 ? 0xffff : 0xff;
    }

    /** TCR_ELx.TBI for the half of the address space that bit 55 of {@code va} selects. */
    boolean topByteIgnored(int regime, long va) {
        long control = tcr[regime].value;
        if (!Regime.hasAsid(regime)) {
            return field(control, 20, 1) != 0;
        }
        return field(control, (va >>> 55 & 1) != 0 ? 38 : 37, 1) != 0;
    }

    private static int field(long v, int low, int bits) {
        return (int) (v >>> low) & (1 << bits) - 1;
    }

    /**
     * Selects the half of the address space and decodes its controls. A lookup in the TLB may follow: {@link #canonical} and
     * {@link #asid} are its key.
     *
     * @return {@link #OK} or the fault status code: the address is outside both halves, or the half is disabled
     */
    int begin(int regime, long va) {
        long control = tcr[regime].value;
        if (Regime.hasAsid(regime)) {
            beginTwoHalves(regime, va, control);
        } else {
            canonical = topByteIgnored(regime, va) ? va & -1L >>> 8 : va;
            decode(control, 0, granule0(field(control, 14, 2)), ttbr0[regime].value);
            outputBits = Math.min(paBits, PS_BITS[field(control, 16, 3)]);
            asid = 0;
            disabled = false;
        }
        boolean upper = canonical < 0 && Regime.hasAsid(regime);
        boolean outside = canonical >> inputBits != (upper ? -1 : 0);
        return outside || disabled ? TRANSLATION : OK;
    }

    private void beginTwoHalves(int regime, long va, long control) {
        boolean upper = (va >>> 55 & 1) != 0;
        canonical = topByteIgnored(regime, va) ? va << 8 >> 8 : va;
        long low = ttbr0[regime].value;
        long high = ttbr1[regime].value;
        if (upper) {
            int tg1 = field(control, 30, 2);
            decode(control, 16, tg1 == 1 ? 14 : tg1 == 3 ? 16 : 12, high);
        } else {
            decode(control, 0, granule0(field(control, 14, 2)), low);
        }
        outputBits = Math.min(paBits, PS_BITS[field(control, 32, 3)]);
        disabled = field(control, upper ? 23 : 7, 1) != 0;
        asid = (int) ((field(control, 22, 1) != 0 ? high : low) >>> 48) & asidMask(regime);
    }

    private static int granule0(int tg0) {
        return tg0 == 1 ? 16 : tg0 == 2 ? 14 : 12;
    }

    /** T&lt;n&gt;SZ, IRGN and ORGN lie at the same distance for both halves. Sizes outside 16 to 39 are clamped, as the Arm ARM permits. */
    private void decode(long control, int low, int granule, long base) {
        pageBits = granule;
        inputBits = 64 - Math.clamp(field(control, low, 6), 16, 39);
        int irgn = field(control, low + 8, 2);
        int orgn = field(control, low + 10, 2);
        cacheable = (irgn & 1) != 0 || (orgn & 1) != 0;
        int stride = granule - 3;
        first = 4 - (inputBits - granule + stride - 1) / stride;
        int topShift = granule + (3 - first) * stride;
        root = base & 0xffff_ffff_fffeL & -(8L << inputBits - topShift);
    }

    /**
     * Walks the tables for {@link #canonical} after {@link #begin}.
     *
     * @param peek without any side effect on memory or findings
     * @return {@link #OK} or the fault status code
     */
    int walk(int regime, boolean peek) {
        reads = 0;
        if (beyond(root)) {
            return ADDRESS_SIZE;
        }
        boolean view = cacheable && (sctlr[regime].value & 1 << 2) != 0;
        boolean bigEndian = (sctlr[regime].value & 1 << 25) != 0;
        return levels(regime, view, bigEndian, peek);
    }

    private int levels(int regime, boolean view, boolean bigEndian, boolean peek) {
        long base = root;
        int tableAp = 0;
        boolean tablePxn = false;
        boolean tableUxn = false;
        for (level = first; level <= 3; level++) {
            shift = pageBits + (3 - level) * (pageBits - 3);
            int indexBits = level == first ? inputBits - shift : pageBits - 3;
            address = base + ((canonical >>> shift & (1L << indexBits) - 1) << 3);
            Ram ram = cpu.machine.bus().ram(address);
            if (ram == null) {
                return EXTERNAL_ABORT + level;
            }
            read[reads++] = address;
            descriptor = read(ram, view, peek);
            descriptor = bigEndian ? Long.reverseBytes(descriptor) : descriptor;
            if (!isTable()) {
                return leaf(regime, tableAp, tablePxn, tableUxn);
            }
            base = descriptor & 0xffff_ffff_ffffL & -1L << pageBits;
            if (beyond(base)) {
                return ADDRESS_SIZE + level;
            }
            tableAp |= field(descriptor, 61, 2);
            tablePxn |= (descriptor >>> 59 & 1) != 0;
            tableUxn |= (descriptor >>> 60 & 1) != 0;
        }
        throw new IllegalStateException("level 3 has no tables");
    }

    private boolean isTable() {
        return level < 3 && (descriptor & 3) == 3;
    }

    private long read(Ram ram, boolean view, boolean peek) {
        return peek ? ram.peekLong(address, view ? View.CACHED : View.POC) : ram.load(access, address, 8, view);
    }

    private int leaf(int regime, int tableAp, boolean tablePxn, boolean tableUxn) {
        boolean valid = level == 3 ? (descriptor & 3) == 3 : (descriptor & 3) == 1 && blockAllowed();
        if (!valid) {
            return TRANSLATION + level;
        }
        pa = descriptor & 0xffff_ffff_ffffL & -1L << shift;
        if (beyond(pa)) {
            return ADDRESS_SIZE + level;
        }
        if ((descriptor & 1 << 10) == 0) {
            return ACCESS_FLAG + level;
        }
        boolean twoLevels = Regime.hasAsid(regime);
        ap = field(descriptor, 6, 2) | tableAp & 2;
        ap = twoLevels && (tableAp & 1) != 0 ? ap & 2 : ap;
        uxn = (descriptor >>> 54 & 1) != 0 || tableUxn;
        pxn = twoLevels ? (descriptor >>> 53 & 1) != 0 || tablePxn : uxn;
        global = !twoLevels || (descriptor & 1 << 11) == 0;
        attr = field(mair[regime].value, 8 * field(descriptor, 2, 3), 8);
        return OK;
    }

    /** Level 1 and 2 with 4 KiB pages, level 2 with 16 and 64 KiB. */
    private boolean blockAllowed() {
        return level == 2 || level == 1 && pageBits == 12;
    }

    private boolean beyond(long pa) {
        return pa >>> outputBits != 0;
    }
}
