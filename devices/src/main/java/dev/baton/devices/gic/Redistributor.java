package dev.baton.devices.gic;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.Parts;
import dev.baton.devices.UnmodelledAccess;

/**
 * One CPU's redistributor: RD_base and SGI_base, 64 KiB each. IHI 0069 sections 12.10 and 12.11. Without LPIs GICR_CTLR,
 * GICR_PROPBASER and GICR_PENDBASER have no writable bit.
 *
 * <p>One deviation, shared with QEMU and KVM: GICR_WAKER answers as it should but interrupts reach a CPU whose
 * redistributor sleeps. kvm-unit-tests never wakes it, trusting that firmware did.
 */
final class Redistributor {
    private static final int CTLR = 0x0000;         // RW  without LPIs RES0
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

    /** SGIs are edge-triggered, always. */
    private static final int SGIS = 0xffff;

    private final long typer;
    private final UnmodelledAccess unmodelled;
    private final InterruptBank bank = new InterruptBank(0, 1, SGIS);
    private final Lpis lpis;
    private boolean asleep = true;

    /**
     * @param affinity as in MPIDR_EL1: Aff3 in [39:32], Aff2 to Aff0 in [23:0]
     * @param last     no further redistributor follows in the region
     * @param lpis     null without LPIs
     */
    Redistributor(int cpu, long affinity, boolean last, Lpis lpis, UnmodelledAccess unmodelled) {
        long packed = affinity & 0xff_ffff | affinity >>> 8 & 0xff00_0000L;
        long commonLpiAff3 = 1 << 24;
        this.typer = packed << 32 | commonLpiAff3 | (long) cpu << 8 | (last ? 1 << 4 : 0) | (lpis != null ? 1 : 0);
        this.lpis = lpis;
        this.unmodelled = unmodelled;
    }

    /** SGIs and PPIs. */
    InterruptBank bank() {
        return bank;
    }

    void reset() {
        bank.reset();
        asleep = true;
        if (lpis != null) {
            lpis.reset();
        }
    }

    /** Null without LPIs. */
    Lpis lpis() {
        return lpis;
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
            case CTLR -> (long) Gic.IIDR << 8 * IIDR | (lpis != null ? lpis.ctlr() : 0);
            case TYPER -> typer;
            case STATUSR -> (asleep ? PROCESSOR_SLEEP | CHILDREN_ASLEEP : 0L) << 8 * (WAKER - STATUSR);
            case PROPBASER -> lpis != null ? lpis.propbaser() : 0;
            case PENDBASER -> lpis != null ? lpis.pendbaser() : 0;
            default -> 0;
        };
    }

    void write(int offset, int size, long value) {
        if (offset >= SGI_BASE + InterruptBank.FIRST_REGISTER && offset < SGI_BASE + InterruptBank.END) {
            bank.write(offset - SGI_BASE, size, value);
            return;
        }
        switch (offset & ~7) {
            case CTLR -> writeCtlr(offset, value);
            case TYPER -> { }
            case STATUSR -> {
                if (offset == WAKER) {
                    asleep = (value & PROCESSOR_SLEEP) != 0;
                }
            }
            case PROPBASER, PENDBASER -> writeTable(offset, size, value);
            default -> unmodelled.report(true, "GICR " + UnmodelledAccess.at(offset), size, value);
        }
    }

    private void writeCtlr(int offset, long value) {
        if (lpis != null && offset == CTLR) {
            lpis.enable((value & 1) != 0);
        }
    }

    private void writeTable(int offset, int size, long value) {
        if (lpis == null) {
            return;
        }
        if (offset < PENDBASER) {
            lpis.writePropbaser(offset, size, value);
        } else {
            lpis.writePendbaser(offset, size, value);
        }
    }

    void save(StateWriter out) {
        bank.save(out);
        out.flag(asleep);
        if (lpis != null) {
            lpis.save(out);
        }
    }

    void load(StateReader in) {
        bank.load(in);
        asleep = in.flag();
        if (lpis != null) {
            lpis.load(in);
        }
    }
}
