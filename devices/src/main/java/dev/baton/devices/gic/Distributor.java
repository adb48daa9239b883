package dev.baton.devices.gic;

import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.Parts;
import dev.baton.devices.UnmodelledAccess;

import java.util.Arrays;

/** The distributor frame, GICD_*: 64 KiB. IHI 0069 section 12.9; affinity routing is always on, security disabled. */
final class Distributor implements MmioDevice {
    private static final int CTLR = 0x0000;         // RW
    private static final int TYPER = 0x0004;        // RO
    private static final int IIDR = 0x0008;         // RO
    private static final int TYPER2 = 0x000c;       // RO  0: no GICv4.1
    private static final int STATUSR = 0x0010;      // RW  optional: not implemented, RES0
    private static final int SGIR = 0x0f00;         // WO  RES0 with affinity routing, and so are the SGI pending registers
    private static final int SGI_PENDING_END = 0x0f30;
    private static final int IROUTER = 0x6000;      // RW  64 bits an interrupt
    private static final int IROUTER_END = 0x8000;

    private static final int CTLR_ENABLES = 0x3;
    private static final int CTLR_ARE = 1 << 4;
    private static final int CTLR_DS = 1 << 6;

    /** Aff3 in [39:32], Aff2 to Aff0 in [23:0]. Interrupt_Routing_Mode is RES0: GICD_TYPER.No1N. */
    static final long AFFINITY = 0xff_00ff_ffffL;

    private final Gic gic;
    private final boolean lpis;
    private final UnmodelledAccess unmodelled;
    private final InterruptBank spis;
    private final long[] irouter;
    /** Per CPU and word of the bank: the SPIs routed to it. Follows from {@link #irouter}. */
    private final int[][] routed;
    private int enables;

    Distributor(Gic gic, int cpus, int spis, boolean lpis, UnmodelledAccess unmodelled) {
        this.gic = gic;
        this.lpis = lpis;
        this.unmodelled = unmodelled;
        this.spis = new InterruptBank(1, spis / 32, 0);
        this.irouter = new long[spis];
        this.routed = new int[cpus][spis / 32];
        routeAll();
    }

    InterruptBank spis() {
        return spis;
    }

    /** Bit 0: Group 0, bit 1: Group 1. */
    int enabledGroups() {
        return enables;
    }

    /** Which SPIs of word {@code w} of the bank go to {@code cpu}. */
    int routed(int cpu, int w) {
        return routed[cpu][w];
    }

    @Override
    public void reset() {
        enables = 0;
        spis.reset();
        Arrays.fill(irouter, 0);
        routeAll();
        gic.updateAll();
    }

    private void routeAll() {
        for (int n = 0; n < irouter.length; n++) {
            route(n);
        }
    }

    private void route(int n) {
        int target = gic.cpuOfAffinity(irouter[n]);
        int bit = 1 << (n & 31);
        for (int cpu = 0; cpu < routed.length; cpu++) {
            routed[cpu][n >> 5] = routed[cpu][n >> 5] & ~bit | (cpu == target ? bit : 0);
        }
    }

    /** 16-bit INTIDs, no 1-of-N, Aff3 allowed; ITLinesNumber counts the private word too. num_LPIs is 0: as many as IDbits gives. */
    private int typer() {
        int no1N = 1 << 25;
        int a3v = 1 << 24;
        int idBits = LpiSupport.ID_BITS << 19;
        return no1N | a3v | idBits | (lpis ? 1 << 17 : 0) | spis.size();
    }

    @Override
    public long read(long offset, int size) {
        if (!modelled((int) offset)) {
            unmodelled.report(false, "GICD " + UnmodelledAccess.at(offset), size, 0);
        }
        return peek(offset, size);
    }

    @Override
    public long peek(long at, int size) {
        int offset = (int) at;
        if (offset >= InterruptBank.FIRST_REGISTER && offset < InterruptBank.END) {
            return spis.read(offset, size);
        }
        if (offset >= IROUTER && offset < IROUTER_END) {
            int n = spi(offset);
            return n < 0 ? 0 : Parts.read64(irouter[n], offset, size);
        }
        if (size == 8) {
            return peek(at, 4) | peek(at + 4, 4) << 32;
        }
        return Parts.read32(word(offset & ~3), offset, size);
    }

    private int word(int offset) {
        return switch (offset) {
            case CTLR -> CTLR_DS | CTLR_ARE | enables;
            case TYPER -> typer();
            case IIDR -> Gic.IIDR;
            default -> offset >= Gic.FIRST_ID ? Gic.id(Gic.DISTRIBUTOR_PART, offset) : 0;
        };
    }

    private static boolean modelled(int offset) {
        return offset < STATUSR + 4 || offset >= InterruptBank.FIRST_REGISTER && offset < SGI_PENDING_END
                || offset >= IROUTER && offset < IROUTER_END || offset >= Gic.FIRST_ID;
    }

    /** Index of the SPI whose GICD_IROUTER holds {@code offset}, or -1. */
    private int spi(int offset) {
        int n = (offset - IROUTER >> 3) - Intid.FIRST_SPI;
        return n >= 0 && n < irouter.length ? n : -1;
    }

    @Override
    public void write(long at, int size, long value) {
        int offset = (int) at;
        if (offset >= InterruptBank.FIRST_REGISTER && offset < InterruptBank.END) {
            spis.write(offset, size, value);
        } else if (offset >= IROUTER && offset < IROUTER_END) {
            writeRouter(offset, size, value);
        } else if (offset == CTLR) {
            enables = (int) value & CTLR_ENABLES;
        } else if (offset < SGIR || offset >= SGI_PENDING_END) {
            unmodelled.report(true, "GICD " + UnmodelledAccess.at(at), size, value);
        }
        gic.updateAll();
    }

    private void writeRouter(int offset, int size, long value) {
        int n = spi(offset);
        if (n >= 0) {
            irouter[n] = Parts.write64(irouter[n], offset, size, value) & AFFINITY;
            route(n);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.u32(enables).longs(irouter);
        spis.save(out);
    }

    @Override
    public void load(StateReader in) {
        enables = in.u32();
        System.arraycopy(in.longs(), 0, irouter, 0, irouter.length);
        spis.load(in);
        routeAll();
    }
}
