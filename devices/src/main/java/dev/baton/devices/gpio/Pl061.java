package dev.baton.devices.gpio;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.time.VirtualClock;
import dev.baton.devices.Parts;
import dev.baton.devices.PrimeCellId;
import dev.baton.devices.UnmodelledAccess;

/** PL061 GPIO of 8 pins. Arm DDI 0190. Pin 3 is the power key of {@code virt}. */
public final class Pl061 implements MmioDevice {
    private static final int GPIODIR = 0x400;       // RW  1 = output
    private static final int GPIOIS = 0x404;        // RW  1 = level
    private static final int GPIOIBE = 0x408;       // RW  1 = both edges
    private static final int GPIOIEV = 0x40c;       // RW  1 = rising edge or high level
    private static final int GPIOIE = 0x410;        // RW  interrupt enable
    private static final int GPIORIS = 0x414;       // RO
    private static final int GPIOMIS = 0x418;       // RO
    private static final int GPIOIC = 0x41c;        // WO  clears edges
    private static final int GPIOAFSEL = 0x420;     // RW  hardware control; leads nowhere here

    private static final int PERIPHERAL_ID = 0x0004_1061;
    private static final int POWER_KEY = 1 << 3;
    /** How long QEMU's gpio-key stays down. */
    private static final long PRESS = 100_000_000L;

    private final InterruptLine irq;
    private final VirtualClock clock;
    private final VirtualClock.Timer release;
    private final UnmodelledAccess unmodelled;

    private int inputs;
    private int outputs;
    private int dir;
    private int is;
    private int ibe;
    private int iev;
    private int ie;
    private int afsel;
    private int edges;

    public Pl061(InterruptLine irq, VirtualClock clock, UnmodelledAccess unmodelled) {
        this.irq = irq;
        this.clock = clock;
        this.release = clock.timer("pl061 power key", () -> drive(inputs & ~POWER_KEY));
        this.unmodelled = unmodelled;
    }

    @Override
    public void reset() {
        release.cancel();
        inputs = 0;
        outputs = 0;
        dir = 0;
        is = 0;
        ibe = 0;
        iev = 0;
        ie = 0;
        afsel = 0;
        edges = 0;
        updateInterrupt();
    }

    /** Presses the power key for 100 ms of virtual time: QEMU's {@code system_powerdown}. */
    public void pressPowerKey() {
        drive(inputs | POWER_KEY);
        release.set(clock.now() + PRESS);
    }

    private void drive(int levels) {
        int changed = inputs ^ levels;
        inputs = levels;
        int wanted = ibe | (levels & iev) | (~levels & ~iev);
        edges |= changed & wanted & ~is & ~dir;
        updateInterrupt();
    }

    private int raw() {
        return (edges & ~is | ~(inputs ^ iev) & is & ~dir) & 0xff;
    }

    private void updateInterrupt() {
        irq.set((raw() & ie) != 0);
    }

    @Override
    public long read(long offset, int size) {
        if (offset > GPIOAFSEL + 3 && offset < PrimeCellId.FIRST) {
            unmodelled.report(false, UnmodelledAccess.at(offset), size, 0);
        }
        return peek(offset, size);
    }

    @Override
    public long peek(long offset, int size) {
        return Parts.read32(word((int) offset & ~3), offset, size);
    }

    private int word(int offset) {
        if (offset < GPIODIR) {
            return (inputs & ~dir | outputs & dir) & offset >> 2;
        }
        return switch (offset) {
            case GPIODIR -> dir;
            case GPIOIS -> is;
            case GPIOIBE -> ibe;
            case GPIOIEV -> iev;
            case GPIOIE -> ie;
            case GPIORIS -> raw();
            case GPIOMIS -> raw() & ie;
            case GPIOAFSEL -> afsel;
            default -> offset >= PrimeCellId.FIRST ? PrimeCellId.read(PERIPHERAL_ID, offset) : 0;
        };
    }

    @Override
    public void write(long offset, int size, long value) {
        int v = (int) value & 0xff;
        if (offset < GPIODIR) {
            int mask = (int) offset >> 2 & dir;
            outputs = outputs & ~mask | v & mask;
            return;
        }
        switch ((int) offset) {
            case GPIODIR -> dir = v;
            case GPIOIS -> is = v;
            case GPIOIBE -> ibe = v;
            case GPIOIEV -> iev = v;
            case GPIOIE -> ie = v;
            case GPIOIC -> edges &= ~v;
            case GPIOAFSEL -> afsel = v;
            default -> unmodelled.report(true, UnmodelledAccess.at(offset), size, value);
        }
        updateInterrupt();
    }

    @Override
    public void save(StateWriter out) {
        out.ints(new int[] {inputs, outputs, dir, is, ibe, iev, ie, afsel, edges});
    }

    @Override
    public void load(StateReader in) {
        int[] s = in.ints();
        inputs = s[0];
        outputs = s[1];
        dir = s[2];
        is = s[3];
        ibe = s[4];
        iev = s[5];
        ie = s[6];
        afsel = s[7];
        edges = s[8];
    }
}
