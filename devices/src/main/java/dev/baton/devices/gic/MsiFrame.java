package dev.baton.devices.gic;

import dev.baton.core.io.StatelessDevice;
import dev.baton.devices.Parts;
import dev.baton.devices.UnmodelledAccess;

/** A v2m frame, 4 KiB: a write of an INTID to MSI_SETSPI_NS is an edge on that SPI. Arm Server Base System Architecture, appendix E. */
public final class MsiFrame implements StatelessDevice, MsiDoorbell {
    public static final long SIZE = 0x1000;
    private static final int TYPER = 0x008;         // RO
    private static final int SETSPI_NS = 0x040;     // WO
    private static final int IIDR = 0xfcc;          // RO
    /** Product 0x51, no implementer: as QEMU. */
    private static final int IIDR_VALUE = 0x51 << 20;

    private final InterruptController gic;
    private final long base;
    private final int firstSpi;
    private final int spis;
    private final UnmodelledAccess unmodelled;

    /**
     * @param base     physical address
     * @param firstSpi number of its first SPI, from 0
     * @param spis     how many it has
     */
    public MsiFrame(InterruptController gic, long base, int firstSpi, int spis, UnmodelledAccess unmodelled) {
        this.gic = gic;
        this.base = base;
        this.firstSpi = firstSpi;
        this.spis = spis;
        this.unmodelled = unmodelled;
    }

    @Override
    public long read(long offset, int size) {
        int register = (int) offset & ~3;
        if (register != TYPER && register != IIDR && register != SETSPI_NS) {
            unmodelled.report(false, "MSI " + UnmodelledAccess.at(offset), size, 0);
        }
        return peek(offset, size);
    }

    @Override
    public long peek(long offset, int size) {
        int value = switch ((int) offset & ~3) {
            case TYPER -> Intid.FIRST_SPI + firstSpi << 16 | spis;
            case IIDR -> IIDR_VALUE;
            default -> 0;
        };
        return Parts.read32(value, offset, size);
    }

    @Override
    public void write(long offset, int size, long value) {
        switch ((int) offset & ~3) {
            case SETSPI_NS -> msi(0, (int) value);
            case TYPER, IIDR -> { }
            default -> unmodelled.report(true, "MSI " + UnmodelledAccess.at(offset), size, value);
        }
    }

    @Override
    public long address() {
        return base + SETSPI_NS;
    }

    @Override
    public void msi(int deviceId, int data) {
        int spi = (data & 0x3ff) - Intid.FIRST_SPI;
        if (spi >= firstSpi && spi < firstSpi + spis) {
            gic.spi(spi).set(true);
            gic.spi(spi).set(false);
        }
    }
}
