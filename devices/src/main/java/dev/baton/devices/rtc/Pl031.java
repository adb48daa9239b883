package dev.baton.devices.rtc;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.time.VirtualClock;
import dev.baton.devices.Parts;
import dev.baton.devices.PrimeCellId;
import dev.baton.devices.UnmodelledAccess;

/**
 * PL031 real-time clock. Arm DDI 0224. Its seconds are those of the virtual clock, counted from a fixed epoch, so two runs
 * read the same times. It runs from power-on (RTCCR reads 1), as if firmware had started it.
 */
public final class Pl031 implements MmioDevice {
    private static final int RTCDR = 0x00;      // RO  data: seconds
    private static final int RTCMR = 0x04;      // RW  match
    private static final int RTCLR = 0x08;      // RW  load
    private static final int RTCCR = 0x0c;      // RW  control; once started, a write changes nothing
    private static final int RTCIMSC = 0x10;    // RW  interrupt mask set/clear
    private static final int RTCRIS = 0x14;     // RO  raw interrupt status
    private static final int RTCMIS = 0x18;     // RO  masked interrupt status
    private static final int RTCICR = 0x1c;     // WO  interrupt clear

    private static final int PERIPHERAL_ID = 0x0014_1031;
    private static final long SECOND = 1_000_000_000L;

    private final InterruptLine irq;
    private final VirtualClock clock;
    private final VirtualClock.Timer match;
    private final int epoch;
    private final UnmodelledAccess unmodelled;

    /** What RTCDR reads at virtual time 0, modulo 2^32. */
    private int origin;
    private int mr;
    private int lr;
    private boolean imsc;
    private boolean ris;

    /** @param epoch what RTCDR reads at power-on: seconds since 1970-01-01 UTC, modulo 2^32 */
    public Pl031(InterruptLine irq, VirtualClock clock, long epoch, UnmodelledAccess unmodelled) {
        this.irq = irq;
        this.clock = clock;
        this.match = clock.timer("pl031 match", this::matched);
        this.epoch = (int) epoch;
        this.unmodelled = unmodelled;
        setReset();
    }

    @Override
    public void reset() {
        setReset();
        updateInterrupt();
    }

    private void setReset() {
        origin = epoch;
        mr = 0;
        lr = 0;
        imsc = false;
        ris = false;
        match.cancel();
    }

    private int seconds() {
        return origin + (int) (clock.now() / SECOND);
    }

    private void matched() {
        ris = true;
        updateInterrupt();
    }

    /** The counter wraps after 2^32 seconds, so every match value lies ahead; an equal one matches at once. */
    private void armMatch() {
        long ahead = Integer.toUnsignedLong(mr - seconds());
        if (ahead == 0) {
            match.cancel();
            matched();
        } else {
            match.set((clock.now() / SECOND + ahead) * SECOND);
        }
    }

    private void loadCounter(int value) {
        lr = value;
        origin = value - (int) (clock.now() / SECOND);
        armMatch();
    }

    @Override
    public long read(long offset, int size) {
        if (offset > RTCICR + 3 && offset < PrimeCellId.FIRST) {
            unmodelled.report(false, UnmodelledAccess.at(offset), size, 0);
        }
        return peek(offset, size);
    }

    @Override
    public long peek(long offset, int size) {
        return Parts.read32(word((int) offset & ~3), offset, size);
    }

    private int word(int offset) {
        return switch (offset) {
            case RTCDR -> seconds();
            case RTCMR -> mr;
            case RTCLR -> lr;
            case RTCCR -> 1;
            case RTCIMSC -> imsc ? 1 : 0;
            case RTCRIS -> ris ? 1 : 0;
            case RTCMIS -> ris && imsc ? 1 : 0;
            default -> offset >= PrimeCellId.FIRST ? PrimeCellId.read(PERIPHERAL_ID, offset) : 0;
        };
    }

    @Override
    public void write(long offset, int size, long value) {
        switch ((int) offset) {
            case RTCMR -> {
                mr = (int) value;
                armMatch();
            }
            case RTCLR -> loadCounter((int) value);
            case RTCCR -> { }
            case RTCIMSC -> imsc = (value & 1) != 0;
            case RTCICR -> ris &= (value & 1) == 0;
            default -> unmodelled.report(true, UnmodelledAccess.at(offset), size, value);
        }
        updateInterrupt();
    }

    private void updateInterrupt() {
        irq.set(ris && imsc);
    }

    @Override
    public void save(StateWriter out) {
        out.u32(origin).u32(mr).u32(lr).flag(imsc).flag(ris);
    }

    @Override
    public void load(StateReader in) {
        origin = in.u32();
        mr = in.u32();
        lr = in.u32();
        imsc = in.flag();
        ris = in.flag();
    }
}
