package dev.baton.devices.gic;

import dev.baton.core.io.MemoryOwner;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.io.OwnedRange;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.devices.Parts;
import dev.baton.devices.UnmodelledAccess;

import java.util.ArrayList;
import java.util.List;

/**
 * The interrupt translation service: control and translation frame, 64 KiB each. IHI 0069 chapter 5 and sections 12.18, 12.19; the
 * identification registers are QEMU's. Physical LPIs only.
 *
 * <p>The command queue is processed when GITS_CWRITER is written, all of it. The architecture leaves open what a command with wrong
 * parameters does: here, as in QEMU, it is passed over, and a queue or table that is not in memory stalls (GITS_CREADR.Stalled) until
 * GITS_CWRITER.Retry is written.
 */
public final class Its implements MmioDevice, MsiDoorbell, MemoryOwner {
    /** Bytes of both frames. */
    public static final long SIZE = 0x2_0000;
    private static final int TRANSLATER = 0x1_0040; // WO
    private static final int PART = 0x94;

    private static final int CTLR = 0x0000;         // RW
    private static final int IIDR = 0x0004;         // RO
    private static final int TYPER = 0x0008;        // RO  64 bits
    private static final int CBASER = 0x0080;       // RW  64 bits
    private static final int CWRITER = 0x0088;      // RW  64 bits
    private static final int CREADR = 0x0090;       // RO  64 bits
    private static final int BASER = 0x0100;        // RW  64 bits, eight of them
    private static final int BASER_END = 0x0140;

    private static final int ENABLED = 1;
    /** All is complete at once. */
    private static final int QUIESCENT = 1 << 31;
    /** Collections by 16 bits, CPUs by number (PTA 0), 16 bits each of DeviceID and EventID, ITT entries of 12 bytes, physical LPIs. */
    static final long TYPER_VALUE = 1L << 36 | 15L << 32 | 15L << 13 | 15L << 8 | (ItsCommands.ITT_ENTRY - 1) << 4 | 1;

    private static final long VALID = 1L << 63;
    private static final long CBASER_FIELDS = 0xb8ef_ffff_ffff_fcffL;
    private static final long CBASER_ADDRESS = 0x000f_ffff_ffff_f000L;
    private static final long OFFSET = 0xf_ffe0;
    private static final int RETRY = 1;
    private static final int STALLED = 1;
    private static final int COMMAND = 32;

    private static final String STOP = "clear GITS_CTLR.Enabled and wait for Quiescent";

    private final Gic gic;
    private final long base;
    private final LpiSupport support;
    private final UnmodelledAccess unmodelled;
    private final ItsTable devices;
    private final ItsTable collections;
    private final ItsCommands commands;

    private boolean enabled;
    private long cbaser;
    private long cwriter;
    private long creadr;
    private long since;

    /**
     * @param base    physical address
     * @param support the ITS's own way to memory, and the clock
     */
    public Its(Gic gic, long base, LpiSupport support, UnmodelledAccess unmodelled) {
        this.gic = gic;
        this.base = base;
        this.support = support;
        this.unmodelled = unmodelled;
        devices = new ItsTable(support.memory(), "device", 0, 1);
        collections = new ItsTable(support.memory(), "collection", 1, 4);
        commands = new ItsCommands(gic, support.memory(), devices, collections);
    }

    @Override
    public void reset() {
        enabled = false;
        cbaser = 0;
        cwriter = 0;
        creadr = 0;
        since = 0;
        devices.reset();
        collections.reset();
    }

    // Registers -------------------------------------------------------------------------------------------------------

    @Override
    public long read(long offset, int size) {
        if (!modelled((int) offset)) {
            unmodelled.report(false, "GITS " + UnmodelledAccess.at(offset), size, 0);
        }
        return peek(offset, size);
    }

    private static boolean modelled(int offset) {
        return offset < TYPER + 8 || offset >= CBASER && offset < CREADR + 8 || offset >= BASER && offset < BASER_END
                || offset >= Gic.FIRST_ID && offset < 0x1_0000 || offset == TRANSLATER;
    }

    @Override
    public long peek(long at, int size) {
        int offset = (int) at;
        if (offset >= Gic.FIRST_ID && offset < 0x1_0000) {
            return Parts.read32(Gic.id(PART, offset), offset, size);
        }
        return Parts.read64(doubleword(offset & ~7), offset, size);
    }

    private long doubleword(int offset) {
        return switch (offset) {
            case CTLR -> (long) Gic.IIDR << 8 * IIDR | Integer.toUnsignedLong(QUIESCENT | (enabled ? ENABLED : 0));
            case TYPER -> TYPER_VALUE;
            case CBASER -> cbaser;
            case CWRITER -> cwriter;
            case CREADR -> creadr;
            case BASER -> devices.baser();
            case BASER + 8 -> collections.baser();
            default -> 0;
        };
    }

    /** Tables and queue stay as they are while the ITS is enabled: a write there is UNPREDICTABLE (12.19). */
    @Override
    public void write(long at, int size, long value) {
        int offset = (int) at;
        switch (offset & ~7) {
            case CTLR -> writeCtlr(offset, value);
            case CBASER -> writeCbaser(offset, size, value);
            case CWRITER -> writeCwriter(offset, size, value);
            case TYPER, CREADR -> { }
            case BASER -> writeTable(devices, offset, size, value);
            case BASER + 8 -> writeTable(collections, offset, size, value);
            case TRANSLATER -> translate(offset, value);
            default -> {
                if (!modelled(offset)) {
                    unmodelled.report(true, "GITS " + UnmodelledAccess.at(at), size, value);
                }
            }
        }
    }

    private void writeCtlr(int offset, long value) {
        if (offset != CTLR) {
            return;
        }
        boolean on = (value & ENABLED) != 0;
        if (on && !enabled) {
            since = support.clock().getAsLong();
        }
        enabled = on;
        processQueue();
    }

    private void writeCbaser(int offset, int size, long value) {
        if (!enabled) {
            cbaser = Parts.write64(cbaser, offset, size, value) & CBASER_FIELDS;
            creadr = 0;
        }
    }

    private void writeCwriter(int offset, int size, long value) {
        long written = Parts.write64(cwriter, offset, size, value);
        cwriter = written & OFFSET;
        if ((written & RETRY) != 0) {
            creadr &= ~(long) STALLED;
        }
        processQueue();
    }

    private void writeTable(ItsTable table, int offset, int size, long value) {
        if (!enabled) {
            table.write(offset, size, value);
        }
    }

    // Commands and translation ----------------------------------------------------------------------------------------

    private long queueSize() {
        return (cbaser & VALID) == 0 ? 0 : ((cbaser & 0xff) + 1) * 4096;
    }

    private boolean queueIsCoherent() {
        return LpiSupport.coherent((int) (cbaser >>> 59) & 7, (int) (cbaser >>> 10) & 3);
    }

    private void processQueue() {
        if (!enabled || cwriter >= queueSize() || (creadr & OFFSET) >= queueSize()) {
            return;
        }
        boolean moved = false;
        while ((creadr & STALLED) == 0 && creadr != cwriter) {
            if (commands.execute((cbaser & CBASER_ADDRESS) + creadr, queueIsCoherent())) {
                creadr = (creadr + COMMAND) % queueSize();
                moved = true;
            } else {
                creadr |= STALLED;
            }
        }
        if (moved) {
            gic.updateAll();
        }
    }

    /** A write by a CPU carries DeviceID 0, as in QEMU. */
    private void translate(int offset, long value) {
        if (offset == TRANSLATER) {
            msi(0, (int) value);
        }
    }

    @Override
    public long address() {
        return base + TRANSLATER;
    }

    @Override
    public void msi(int deviceId, int eventId) {
        if (enabled) {
            commands.translate(deviceId, eventId);
            gic.updateAll();
        }
    }

    // Memory ----------------------------------------------------------------------------------------------------------

    /** Queue and tables, while the ITS is enabled. */
    @Override
    public List<OwnedRange> deviceOwned() {
        List<OwnedRange> owned = new ArrayList<>();
        if (enabled) {
            if (queueSize() != 0) {
                owned.add(new OwnedRange("ITS command queue", "GITS_CBASER", cbaser & CBASER_ADDRESS, queueSize(), since, STOP));
            }
            owned.addAll(devices.owned(since, STOP));
            owned.addAll(collections.owned(since, STOP));
            owned.addAll(commands.ownedByDevices(since, STOP));
        }
        return owned;
    }

    @Override
    public void save(StateWriter out) {
        out.flag(enabled).u64(cbaser).u64(cwriter).u64(creadr).u64(since);
        devices.save(out);
        collections.save(out);
    }

    @Override
    public void load(StateReader in) {
        enabled = in.flag();
        cbaser = in.u64();
        cwriter = in.u64();
        creadr = in.u64();
        since = in.u64();
        devices.load(in);
        collections.load(in);
    }
}
