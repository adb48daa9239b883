package dev.baton.devices.uart;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.time.VirtualClock;
import dev.baton.devices.Parts;
import dev.baton.devices.PrimeCellId;
import dev.baton.devices.UnmodelledAccess;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * PL011 UART, revision r1p3 (16-entry FIFOs), without DMA. Arm DDI 0183.
 *
 * <p>Transmission takes no time: the transmit FIFO is always empty and the transmit interrupt follows each write. Input from
 * the host waits in a queue outside of the UART, as behind a modem that obeys flow control, and moves into the receive FIFO
 * while there is room and the receiver is on.
 *
 * <p>One deviation, shared with QEMU: UARTDR is sent even while UARTCR.UARTEN or TXE are 0. Linux's {@code earlycon=pl011}
 * writes UARTDR without programming the port, trusting that firmware did.
 */
public final class Pl011 implements MmioDevice {
    // Offset, access, name as in the TRM's register summary (table 3-1).
    private static final int UARTDR = 0x000;          // RW  data
    private static final int UARTRSR = 0x004;         // RW  receive status; any write clears (UARTECR)
    private static final int UARTFR = 0x018;          // RO  flags
    private static final int UARTILPR = 0x020;        // RW  IrDA low-power counter
    private static final int UARTIBRD = 0x024;        // RW  integer baud rate divisor
    private static final int UARTFBRD = 0x028;        // RW  fractional baud rate divisor
    private static final int UARTLCR_H = 0x02c;       // RW  line control
    private static final int UARTCR = 0x030;          // RW  control
    private static final int UARTIFLS = 0x034;        // RW  interrupt FIFO level select
    private static final int UARTIMSC = 0x038;        // RW  interrupt mask set/clear
    private static final int UARTRIS = 0x03c;         // RO  raw interrupt status
    private static final int UARTMIS = 0x040;         // RO  masked interrupt status
    private static final int UARTICR = 0x044;         // WO  interrupt clear
    private static final int UARTDMACR = 0x048;       // RW  DMA control

    private static final int PERIPHERAL_ID = 0x0014_1011;

    // UARTFR
    private static final int FR_CTS = 1 << 0;
    private static final int FR_DSR = 1 << 1;
    private static final int FR_DCD = 1 << 2;
    private static final int FR_RXFE = 1 << 4;
    private static final int FR_RXFF = 1 << 6;
    private static final int FR_TXFE = 1 << 7;
    private static final int FR_RI = 1 << 8;

    // UARTLCR_H
    private static final int LCR_BRK = 1 << 0;
    private static final int LCR_FEN = 1 << 4;

    // UARTCR
    private static final int CR_UARTEN = 1 << 0;
    private static final int CR_LBE = 1 << 7;
    private static final int CR_RXE = 1 << 9;
    private static final int CR_DTR = 1 << 10;
    private static final int CR_RTS = 1 << 11;
    private static final int CR_OUT1 = 1 << 12;
    private static final int CR_OUT2 = 1 << 13;

    // UARTRIS, UARTIMSC, UARTMIS, UARTICR
    private static final int INT_RIM = 1 << 0;
    private static final int INT_CTSM = 1 << 1;
    private static final int INT_DCDM = 1 << 2;
    private static final int INT_DSRM = 1 << 3;
    private static final int INT_RX = 1 << 4;
    private static final int INT_TX = 1 << 5;
    private static final int INT_RT = 1 << 6;
    private static final int INT_BE = 1 << 9;
    private static final int INT_OE = 1 << 10;
    private static final int ALL_INTERRUPTS = 0x7ff;

    // UARTDR, above the data; UARTRSR holds the same bits shifted down by 8.
    private static final int DR_BE = 1 << 10;
    private static final int DR_OE = 1 << 11;

    private static final int FIFO_DEPTH = 16;
    /** Receive trigger by UARTIFLS.RXIFLSEL: 1/8, 1/4, 1/2, 3/4, 7/8 full; reserved values as 1/2. */
    private static final int[] TRIGGER = {2, 4, 8, 12, 14, 8, 8, 8};
    /** The receive timeout of TRM 2.5.5: this many bit periods without a character. */
    private static final long TIMEOUT_BITS = 32;

    private final InterruptLine irq;
    private final ByteSink out;
    private final VirtualClock.Timer timeout;
    private final VirtualClock clock;
    private final long uartclk;
    private final UnmodelledAccess unmodelled;

    private final Deque<Byte> queue = new ArrayDeque<>();
    private final int[] fifo = new int[FIFO_DEPTH];
    private int first;
    private int count;
    private boolean overrun;

    private int rsr;
    private int ilpr;
    private int ibrd;
    private int fbrd;
    private int lcrH;
    private int cr;
    private int ifls;
    private int imsc;
    private int ris;
    private int dmacr;

    /**
     * @param irq     UARTINTR, the combined interrupt
     * @param out     where transmitted bytes go
     * @param uartclk UARTCLK, Hz
     */
    public Pl011(InterruptLine irq, ByteSink out, VirtualClock clock, long uartclk, UnmodelledAccess unmodelled) {
        this.irq = irq;
        this.out = out;
        this.clock = clock;
        this.uartclk = uartclk;
        this.unmodelled = unmodelled;
        this.timeout = clock.timer("pl011 receive timeout", this::receiveTimeout);
        setReset();
    }

    @Override
    public void reset() {
        setReset();
        updateInterrupt();
    }

    private void setReset() {
        queue.clear();
        clearFifo();
        overrun = false;
        rsr = 0;
        ilpr = 0;
        ibrd = 0;
        fbrd = 0;
        lcrH = 0;
        cr = 0x300;
        ifls = 0x12;
        imsc = 0;
        ris = 0;
        dmacr = 0;
    }

    private void clearFifo() {
        java.util.Arrays.fill(fifo, 0);
        first = 0;
        count = 0;
        timeout.cancel();
    }

    // Host side -----------------------------------------------------------------------------------------------------

    /** Input from the host. Only between runs of the machine or at a deadline, so that a run stays a function of its inputs. */
    public void input(byte... bytes) {
        for (byte b : bytes) {
            queue.add(b);
        }
        fillFromQueue();
        updateInterrupt();
    }

    /** Bytes of input that the guest has not read. */
    public int unread() {
        return queue.size() + count;
    }

    /** The guest has enabled it: UARTCR.UARTEN. */
    public boolean enabled() {
        return (cr & CR_UARTEN) != 0;
    }

    /** The guest asked to be interrupted by input. */
    public boolean listens() {
        return (cr & CR_UARTEN) != 0 && (imsc & (INT_RX | INT_RT)) != 0;
    }

    private void fillFromQueue() {
        int on = CR_UARTEN | CR_RXE;
        while ((cr & (on | CR_LBE)) == on && count < depth() && !queue.isEmpty()) {
            received(queue.remove() & 0xff);
        }
    }

    // Receiver ------------------------------------------------------------------------------------------------------

    private int depth() {
        return (lcrH & LCR_FEN) != 0 ? FIFO_DEPTH : 1;
    }

    private int trigger() {
        return (lcrH & LCR_FEN) != 0 ? TRIGGER[ifls >> 3 & 7] : 1;
    }

    private void received(int character) {
        if (count == depth()) {
            overrun = true;
            rsr |= DR_OE >> 8;
            ris |= INT_OE;
            return;
        }
        fifo[(first + count++) % FIFO_DEPTH] = character;
        if (count >= trigger()) {
            ris |= INT_RX;
        }
        if ((lcrH & LCR_FEN) != 0) {
            timeout.set(clock.now() + TIMEOUT_BITS * bitTime());
        }
    }

    /** Nanoseconds; TRM 3.3.6: the divisor is UARTCLK / (16 * baud rate), in 64ths. A divisor of 0 counts as 1. */
    private long bitTime() {
        long divisor64 = Math.max(1, ibrd * 64L + fbrd);
        return Math.max(1, 1_000_000_000L * 16 * divisor64 / 64 / uartclk);
    }

    private void receiveTimeout() {
        if (count > 0) {
            ris |= INT_RT;
            updateInterrupt();
        }
    }

    private int receive() {
        if (count == 0) {
            return 0;
        }
        int character = peekReceived();
        fifo[first] = 0;
        first = (first + 1) % FIFO_DEPTH;
        count--;
        overrun = false;
        rsr = character >> 8;
        fillFromQueue();
        if (count < trigger()) {
            ris &= ~INT_RX;
        }
        if (count == 0) {
            ris &= ~INT_RT;
            timeout.cancel();
        }
        updateInterrupt();
        return character;
    }

    private int peekReceived() {
        return count == 0 ? 0 : fifo[first] | (overrun ? DR_OE : 0);
    }

    // Transmitter ---------------------------------------------------------------------------------------------------

    private void transmit(int data) {
        if ((cr & CR_LBE) == 0) {
            out.accept((byte) data);
        } else if ((cr & CR_RXE) != 0) {
            received(data & 0xff);
        }
        ris |= INT_TX;
    }

    // Modem lines: outside nothing is connected; with UARTCR.LBE the outputs come back as inputs (TRM 3.3.8). ----------

    private int modemInputs() {
        if ((cr & CR_LBE) == 0) {
            return 0;
        }
        return ((cr & CR_RTS) != 0 ? FR_CTS : 0) | ((cr & CR_DTR) != 0 ? FR_DSR : 0)
                | ((cr & CR_OUT1) != 0 ? FR_DCD : 0) | ((cr & CR_OUT2) != 0 ? FR_RI : 0);
    }

    private void control(int value) {
        int before = modemInputs();
        cr = value & 0xff87;
        int changed = before ^ modemInputs();
        ris |= ((changed & FR_CTS) != 0 ? INT_CTSM : 0) | ((changed & FR_DSR) != 0 ? INT_DSRM : 0)
                | ((changed & FR_DCD) != 0 ? INT_DCDM : 0) | ((changed & FR_RI) != 0 ? INT_RIM : 0);
        fillFromQueue();
    }

    private void lineControl(int value) {
        boolean breakStarts = (value & ~lcrH & LCR_BRK) != 0;
        if (((value ^ lcrH) & LCR_FEN) != 0) {
            clearFifo();
        }
        lcrH = value & 0xff;
        if (breakStarts && (cr & CR_LBE) != 0) {
            received(DR_BE);
            ris |= INT_BE;
        }
        fillFromQueue();
    }

    // Registers -----------------------------------------------------------------------------------------------------

    private int flags() {
        return FR_TXFE | (count == 0 ? FR_RXFE : 0) | (count == depth() ? FR_RXFF : 0) | modemInputs();
    }

    @Override
    public long read(long offset, int size) {
        if ((offset & ~3) == UARTDR) {
            return Parts.read32(receive(), offset, size);
        }
        if (!modelled(offset)) {
            unmodelled.report(false, UnmodelledAccess.at(offset), size, 0);
        }
        return peek(offset, size);
    }

    @Override
    public long peek(long offset, int size) {
        return Parts.read32(peekWord((int) offset & ~3), offset, size);
    }

    private static boolean modelled(long offset) {
        int at = (int) offset & ~3;
        return at <= UARTRSR || at == UARTFR || at >= UARTILPR && at <= UARTDMACR || at >= PrimeCellId.FIRST;
    }

    private int peekWord(int offset) {
        return switch (offset) {
            case UARTDR -> peekReceived();
            case UARTRSR -> rsr;
            case UARTFR -> flags();
            case UARTILPR -> ilpr;
            case UARTIBRD -> ibrd;
            case UARTFBRD -> fbrd;
            case UARTLCR_H -> lcrH;
            case UARTCR -> cr;
            case UARTIFLS -> ifls;
            case UARTIMSC -> imsc;
            case UARTRIS -> ris;
            case UARTMIS -> ris & imsc;
            case UARTDMACR -> dmacr;
            default -> offset >= PrimeCellId.FIRST ? PrimeCellId.read(PERIPHERAL_ID, offset) : 0;
        };
    }

    @Override
    public void write(long offset, int size, long value) {
        int v = (int) value;
        switch ((int) offset) {
            case UARTDR -> transmit(v);
            case UARTRSR -> clearErrors();
            case UARTILPR -> ilpr = v & 0xff;
            case UARTIBRD -> ibrd = v & 0xffff;
            case UARTFBRD -> fbrd = v & 0x3f;
            case UARTLCR_H -> lineControl(v);
            case UARTCR -> control(v);
            case UARTIFLS -> ifls = v & 0x3f;
            case UARTIMSC -> imsc = v & ALL_INTERRUPTS;
            case UARTICR -> ris &= ~v;
            case UARTDMACR -> dmacr = v & 7;
            default -> unmodelled.report(true, UnmodelledAccess.at(offset), size, value);
        }
        updateInterrupt();
    }

    private void clearErrors() {
        rsr = 0;
        overrun = false;
    }

    private void updateInterrupt() {
        irq.set((ris & imsc) != 0);
    }

    // Snapshot ------------------------------------------------------------------------------------------------------

    @Override
    public void save(StateWriter to) {
        byte[] waiting = new byte[queue.size()];
        int n = 0;
        for (byte b : queue) {
            waiting[n++] = b;
        }
        to.bytes(waiting).ints(fifo).flag(overrun);
        to.ints(new int[] {first, count, rsr, ilpr, ibrd, fbrd, lcrH, cr, ifls, imsc, ris, dmacr});
    }

    @Override
    public void load(StateReader from) {
        queue.clear();
        for (byte b : from.bytes()) {
            queue.add(b);
        }
        System.arraycopy(from.ints(), 0, fifo, 0, FIFO_DEPTH);
        overrun = from.flag();
        int[] s = from.ints();
        first = s[0];
        count = s[1];
        rsr = s[2];
        ilpr = s[3];
        ibrd = s[4];
        fbrd = s[5];
        lcrH = s[6];
        cr = s[7];
        ifls = s[8];
        imsc = s[9];
        ris = s[10];
        dmacr = s[11];
    }
}
