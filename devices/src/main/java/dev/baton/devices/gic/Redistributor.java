package dev.baton.devices.gic;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.Parts;
import dev.baton.devices.UnmodelledAccess;

/**
 * One CPU's redistributor: RD_base and SGI_base, 64 KiB each. IHI 0069 sections 12.10 and 12.11. Without LPIs, GICR_CTLR has
 * no writable bit; GICR_PROPBASER and GICR_PENDBASER hold what is written.
 *
 * <p>One deviation, shared with QEMU and KVM: GICR_WAKER answers as it should but interrupts reach a CPU whose
 * redistributor sleeps. kvm-unit-tests never wakes it, trusting that firmware did.
 */
final class Redistributor {
    private static final int CTLR = 0x0000;         // RW  no LPIs: RES0
    private static final int IIDR = 0x0004;         // RO
    private static final int TYPER = 0x0008;        // RO  64 bits
    private static final int STATUSR = 0x0010;      // RW  optional: not implemented, RES0
    private static final int WAKER = 0x0014;        // RW
    private static final int PROPBASER = 0x0070;    // RW  64 bits
    private static final int PENDBASER = 0x0078;    // RW  64 bits
    private static final int SGI_BASE = 0x1_0000;
    /** Bytes of both frames. */
    static final int SIZE = 0x2_0000;

    private static final int PROCESSOR_SLEEP = 1 << 1;
    private static final int CHILDREN_ASLEEP = 1 << 2;

    /** OuterCache [58:56], Physical_Address [51:12], Shareability and InnerCache [11:7], IDbits [4:0]. */
    private static final long PROPBASER_FIELDS = 0x070f_ffff_ffff_ff9fL;
    /** OuterCache [58:56], Physical_Address [51:16], Shareability and InnerCache [11:7]; PTZ is write-only. */
    private static final long PENDBASER_FIELDS = 0x070f_ffff_ffff_0f80L;

    /** SGIs are edge-triggered, always. */
    private static final int SGIS = 0xffff;

    private final long typer;
    private final UnmodelledAccess unmodelled;
    private final InterruptBank bank = new InterruptBank(0, 1, SGIS);
    private boolean asleep = true;
    private long propbaser;
    private long pendbaser;

    /**
     * @param affinity as in MPIDR_EL1: Aff3 in [39:32], Aff2 to Aff0 in [23:0]
     * @param last     no further redistributor follows in the region
     */
    Redistributor(int cpu, long affinity, boolean last, UnmodelledAccess unmodelled) {
        long packed = affinity & 0xff_ffff | affinity >>> 8 & 0xff00_0000L;
        long commonLpiAff3 = 1 << 24;
        this.typer = packed << 32 | commonLpiAff3 | (long) cpu << 8 | (last ? 1 << 4 : 0);
        this.unmodelled = unmodelled;
    }

    /** SGIs and PPIs. */
    InterruptBank bank() {
        return bank;
    }

    void reset() {
        bank.reset();
        asleep = true;
        propbaser = 0;
        pendbaser = 0;
    }

    long read(int offset, int size) {
        if (!modelled(offset)) {
            unmodelled.report(false, "GICR " + UnmodelledAccess.at(offset), size, 0);
        }
        return peek(offset, size);
    }

    private static boolean modelled(int offset) {
        int inFrame = offset & SGI_BASE - 1;
        return inFrame >= Gic.FIRST_ID || (offset >= SGI_BASE
                ? inFrame >= InterruptBank.FIRST_REGISTER && inFrame < InterruptBank.END
                : inFrame < WAKER + 4 || inFrame >= PROPBASER && inFrame < PENDBASER + 8);
    }

    long peek(int offset, int size) {
        if (offset >= SGI_BASE + InterruptBank.FIRST_REGISTER && offset < SGI_BASE + InterruptBank.END) {
            return bank.read(offset - SGI_BASE, size);
        }
        int inFrame = offset & SGI_BASE - 1;
        if (inFrame >= Gic.FIRST_ID) {
            return Parts.read32(Gic.id(Gic.REDISTRIBUTOR_PART, inFrame), offset, size);
        }
        return offset >= SGI_BASE ? 0 : Parts.read64(doubleword(inFrame & ~7), offset, size);
    }

    private long doubleword(int offset) {
        return switch (offset) {
            case CTLR -> (long) Gic.IIDR << 8 * IIDR;
            case TYPER -> typer;
            case STATUSR -> (asleep ? PROCESSOR_SLEEP | CHILDREN_ASLEEP : 0L) << 8 * (WAKER - STATUSR);
            case PROPBASER -> propbaser;
            case PENDBASER -> pendbaser;
            default -> 0;
        };
    }

    void write(int offset, int size, long value) {
        if (offset >= SGI_BASE + InterruptBank.FIRST_REGISTER && offset < SGI_BASE + InterruptBank.END) {
            bank.write(offset - SGI_BASE, size, value);
            return;
        }
        switch (offset & ~7) {
            case CTLR, TYPER -> { }
            case STATUSR -> {
                if (offset == WAKER) {
                    asleep = (value & PROCESSOR_SLEEP) != 0;
                }
            }
            case PROPBASER -> propbaser = Parts.write64(propbaser, offset, size, value) & PROPBASER_FIELDS;
            case PENDBASER -> pendbaser = Parts.write64(pendbaser, offset, size, value) & PENDBASER_FIELDS;
            default -> unmodelled.report(true, "GICR " + UnmodelledAccess.at(offset), size, value);
        }
    }

    void save(StateWriter out) {
        bank.save(out);
        out.flag(asleep).u64(propbaser).u64(pendbaser);
    }

    void load(StateReader in) {
        bank.load(in);
        asleep = in.flag();
        propbaser = in.u64();
        pendbaser = in.u64();
    }
}
