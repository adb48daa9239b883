package dev.baton.devices;

/**
 * The identification registers at the end of a PrimeCell's 4 KiB: four bytes of PeriphID at 0xFE0, four of PCellID at 0xFF0.
 * Linux's AMBA bus matches drivers by them, so a wrong one means no driver.
 */
public final class PrimeCellId {
    /** Offset of UARTPeriphID0, RTCPeriphID0 and their kin. */
    public static final int FIRST = 0xfe0;
    private static final int CELL_ID = 0xb105_f00d;

    private PrimeCellId() { }

    /**
     * @param peripheral part number [11:0], designer [19:12], revision [23:20], configuration [31:24]
     * @param offset     {@link #FIRST} and above
     */
    public static int read(int peripheral, long offset) {
        int n = (int) (offset - FIRST) >> 2;
        int id = n < 4 ? peripheral : CELL_ID;
        return id >>> 8 * (n & 3) & 0xff;
    }
}
