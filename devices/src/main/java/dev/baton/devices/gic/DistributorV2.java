package dev.baton.devices.gic;

import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.Parts;
import dev.baton.devices.UnmodelledAccess;

import java.util.Arrays;
import java.util.function.IntSupplier;

/** GICD_* of a GICv2, 4 KiB: IHI 0048B section 4.3. The registers of the first 32 interrupts are those of the CPU that asks. */
final class DistributorV2 implements MmioDevice {
    private static final int CTLR = 0x000;          // RW
    private static final int TYPER = 0x004;         // RO
    private static final int IIDR = 0x008;          // RO
    private static final int FIRST_BANKED = 0x080;
    private static final int ISENABLER = 0x100;
    private static final int ICENABLER = 0x180;
    private static final int ISPENDR = 0x200;
    private static final int ICPENDR = 0x280;
    private static final int ITARGETSR = 0x800;     // RW  a byte an interrupt
    private static final int ICFGR = 0xc00;
    private static final int NSACR = 0xe00;         // RAZ/WI without Security Extensions
    private static final int SGIR = 0xf00;          // WO
    private static final int CPENDSGIR = 0xf10;     // RW  a byte an SGI
    private static final int SPENDSGIR = 0xf20;     // RW  a byte an SGI
    private static final int SGI_END = 0xf30;
    private static final int FIRST_ID = 0xfd0;
    /** PIDR4 to PIDR7, PIDR0 to PIDR3 (PIDR2.ArchRev is 2: GICv2), CIDR0 to CIDR3. */
    private static final int[] IDS = {0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1};
    private static final int SGIS = 16;

    private final InterruptController gic;
    private final IntSupplier current;
    private final UnmodelledAccess unmodelled;
    private final InterruptBank spis;
    private final InterruptBank[] banks;
    /** Per CPU and SGI: bit n is set if CPU n sent it and it is pending. */
    private final byte[][] senders;
    /** Per SPI: bit n is set if it may go to CPU n. */
    private final byte[] targets;
    /** Per CPU and word of the bank of SPIs, follows from {@link #targets}. */
    private final int[][] targeted;
    private int enables;

    DistributorV2(InterruptController gic, int cpus, int spis, IntSupplier current, UnmodelledAccess unmodelled) {
        this.gic = gic;
        this.current = current;
        this.unmodelled = unmodelled;
        this.spis = new InterruptBank(1, spis / 32, 0);
        banks = new InterruptBank[cpus];
        for (int i = 0; i < cpus; i++) {
            banks[i] = new InterruptBank(0, 1, 0xffff);
        }
        senders = new byte[cpus][SGIS];
        targets = new byte[spis];
        targeted = new int[cpus][spis / 32];
        target();
        enableSgis();
    }

    InterruptBank privateBank(int cpu) {
        return banks[cpu];
    }

    InterruptBank spis() {
        return spis;
    }

    /** Bit 0: Group 0, bit 1: Group 1. */
    int enabledGroups() {
        return enables;
    }

    /** Which SPIs of word {@code w} of the bank may go to {@code cpu}. */
    int targeted(int cpu, int w) {
        return targeted[cpu][w];
    }

    @Override
    public void reset() {
        enables = 0;
        spis.reset();
        for (int i = 0; i < banks.length; i++) {
            banks[i].reset();
            Arrays.fill(senders[i], (byte) 0);
        }
        Arrays.fill(targets, (byte) 0);
        target();
        enableSgis();
        gic.updateAll();
    }

    /** They are enabled for good (4.3.5: the implementation may choose that), as in QEMU. */
    private void enableSgis() {
        for (InterruptBank b : banks) {
            b.write(ISENABLER, 4, 0xffff);
        }
    }

    /** With one CPU GICD_ITARGETSRn is RAZ/WI and every interrupt is its (4.3.12). */
    private void target() {
        for (int cpu = 0; cpu < targeted.length; cpu++) {
            Arrays.fill(targeted[cpu], 0);
            for (int n = 0; n < targets.length; n++) {
                if (targeted.length == 1 || (targets[n] >> cpu & 1) != 0) {
                    targeted[cpu][n >> 5] |= 1 << n;
                }
            }
        }
    }

    /** ITLinesNumber counts the private word too. */
    private int typer() {
        return banks.length - 1 << 5 | spis.size();
    }

    // Reads -----------------------------------------------------------------------------------------------------------

    @Override
    public long read(long offset, int size) {
        if (!modelled((int) offset)) {
            unmodelled.report(false, "GICD " + UnmodelledAccess.at(offset), size, 0);
        }
        return peek(offset, size);
    }

    private static boolean modelled(int offset) {
        return offset < IIDR + 4 || offset >= FIRST_BANKED && offset < SGI_END || offset >= FIRST_ID;
    }

    @Override
    public long peek(long at, int size) {
        if (size == 8) {
            return peek(at, 4) | peek(at + 4, 4) << 32;
        }
        int offset = (int) at;
        if (offset >= ITARGETSR && offset < ICFGR || offset >= CPENDSGIR && offset < SGI_END) {
            long value = 0;
            for (int i = 0; i < size; i++) {
                value |= (long) octet(offset + i) << 8 * i;
            }
            return value;
        }
        if (offset >= FIRST_BANKED && offset < NSACR) {
            return spis.read(offset, size) | banks[current.getAsInt()].read(offset, size);
        }
        return Parts.read32(word(offset & ~3), offset, size);
    }

    private int word(int offset) {
        return switch (offset) {
            case CTLR -> enables;
            case TYPER -> typer();
            case IIDR -> Gic.IIDR;
            default -> offset >= FIRST_ID ? IDS[offset - FIRST_ID >> 2] : 0;
        };
    }

    private int octet(int offset) {
        int cpu = current.getAsInt();
        if (offset >= CPENDSGIR) {
            return senders[cpu][offset & SGIS - 1] & 0xff;
        }
        int intid = offset - ITARGETSR;
        if (banks.length == 1) {
            return 0;
        }
        if (intid < Intid.FIRST_SPI) {
            return 1 << cpu;
        }
        return intid - Intid.FIRST_SPI < targets.length ? targets[intid - Intid.FIRST_SPI] & 0xff : 0;
    }

    // Writes ----------------------------------------------------------------------------------------------------------

    @Override
    public void write(long at, int size, long value) {
        if (size == 8) {
            write(at, 4, value & 0xffff_ffffL);
            write(at + 4, 4, value >>> 32);
            return;
        }
        int offset = (int) at;
        if (offset >= ITARGETSR && offset < ICFGR) {
            writeTargets(offset - ITARGETSR - Intid.FIRST_SPI, size, value);
        } else if (offset >= CPENDSGIR && offset < SGI_END) {
            writeSenders(offset, size, value);
        } else if (offset >= FIRST_BANKED && offset < NSACR) {
            spis.write(offset, size, value);
            banks[current.getAsInt()].write(offset, size, withoutSgis(offset, size, value));
        } else if (offset == SGIR) {
            sendSgi((int) value);
        } else if (offset == CTLR) {
            enables = (int) value & 3;
        } else if (!modelled(offset)) {
            unmodelled.report(true, "GICD " + UnmodelledAccess.at(at), size, value);
        }
        gic.updateAll();
    }

    /**
     * The pending state of SGIs has registers of its own: their bits of GICD_ISPENDR0 and ICPENDR0 are read-only (4.3.7), and as they
     * are always enabled so are those of ICENABLER0.
     */
    private static long withoutSgis(int offset, int size, long value) {
        int register = offset & ~0x7f;
        boolean theirs = (register == ICENABLER || register == ISPENDR || register == ICPENDR) && (offset & 0x7f) < 4;
        return theirs ? value & ~(0xffffL >>> 8 * (offset & 3)) & Parts.low(-1, size) : value;
    }

    private void writeTargets(int first, int size, long value) {
        for (int i = 0; i < size; i++) {
            int n = first + i;
            if (n >= 0 && n < targets.length && banks.length > 1) {
                targets[n] = (byte) (value >>> 8 * i & (1 << banks.length) - 1);
            }
        }
        target();
    }

    private void writeSenders(int offset, int size, long value) {
        int cpu = current.getAsInt();
        for (int i = 0; i < size; i++) {
            int intid = offset + i & SGIS - 1;
            int bits = (int) (value >>> 8 * i) & 0xff;
            boolean set = offset >= SPENDSGIR;
            senders(cpu, intid, set ? senders[cpu][intid] | bits : senders[cpu][intid] & ~bits);
        }
    }

    private void senders(int cpu, int intid, int mask) {
        senders[cpu][intid] = (byte) mask;
        if ((mask & 0xff) != 0) {
            banks[cpu].latch(intid);
        } else {
            banks[cpu].unlatch(intid);
        }
    }

    /** GICD_SGIR (4.3.15): TargetListFilter [25:24], CPUTargetList [23:16], SGIINTID [3:0]. */
    private void sendSgi(int value) {
        int from = current.getAsInt();
        int list = switch (value >>> 24 & 3) {
            case 0 -> value >>> 16 & 0xff;
            case 1 -> ~(1 << from);
            case 2 -> 1 << from;
            default -> 0;
        };
        int intid = value & SGIS - 1;
        for (int cpu = 0; cpu < banks.length; cpu++) {
            if ((list >> cpu & 1) != 0) {
                senders(cpu, intid, senders[cpu][intid] | 1 << from);
            }
        }
    }

    /** {@code cpu} acknowledged an SGI, once for each CPU that sent it. @return the CPU that did, the lowest */
    int takeSender(int cpu, int intid) {
        int mask = senders[cpu][intid] & 0xff;
        int sender = mask == 0 ? 0 : Integer.numberOfTrailingZeros(mask);
        senders(cpu, intid, mask & ~(1 << sender));
        return sender;
    }

    /** The CPU that {@link #takeSender} would give. */
    int sender(int cpu, int intid) {
        return intid < SGIS && senders[cpu][intid] != 0 ? Integer.numberOfTrailingZeros(senders[cpu][intid] & 0xff) : 0;
    }

    @Override
    public void save(StateWriter out) {
        out.u32(enables).bytes(targets);
        spis.save(out);
        for (int i = 0; i < banks.length; i++) {
            banks[i].save(out);
            out.bytes(senders[i]);
        }
    }

    @Override
    public void load(StateReader in) {
        enables = in.u32();
        System.arraycopy(in.bytes(), 0, targets, 0, targets.length);
        spis.load(in);
        for (int i = 0; i < banks.length; i++) {
            banks[i].load(in);
            System.arraycopy(in.bytes(), 0, senders[i], 0, SGIS);
        }
        target();
    }
}
