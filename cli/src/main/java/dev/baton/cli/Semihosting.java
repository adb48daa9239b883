package dev.baton.cli;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.cpu.GuestFault;
import dev.baton.core.cpu.ModelCalls;
import dev.baton.core.time.VirtualClock;
import dev.baton.devices.uart.ByteSink;

import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/**
 * Semihosting for AArch64 (ARM-software/abi-aa, "Semihosting for AArch32 and AArch64"): {@code HLT #0xF000} with the operation in W0 and
 * its parameter block at X1. Console, clocks, command line and exit; of the host's files only the console {@code :tt}. As QEMU's, it
 * is not answered at EL0.
 */
final class Semihosting implements ModelCalls {
    /** No key was typed so far. */
    static final int NO_KEY_YET = -2;
    /** Nobody types any more. */
    static final int NO_KEY = -1;

    private static final int CALL = 0xf000;
    private static final int OPEN = 0x01;
    private static final int CLOSE = 0x02;
    private static final int WRITEC = 0x03;
    private static final int WRITE0 = 0x04;
    private static final int WRITE = 0x05;
    private static final int READC = 0x07;
    private static final int ISERROR = 0x08;
    private static final int ISTTY = 0x09;
    private static final int CLOCK = 0x10;
    private static final int TIME = 0x11;
    private static final int ERRNO = 0x13;
    private static final int GET_CMDLINE = 0x15;
    private static final int EXIT = 0x18;
    private static final int EXIT_EXTENDED = 0x20;
    private static final int ELAPSED = 0x30;
    private static final int TICKFREQ = 0x31;

    /** ADP_Stopped_ApplicationExit: the only reason whose second word is a status. */
    private static final long APPLICATION_EXIT = 0x2_0026;
    private static final long NANOS_PER_CENTISECOND = 10_000_000;
    private static final long TICKS_PER_SECOND = 1_000_000_000;
    /** Longest string or buffer written at once: a guest that lost its NUL prints no more. */
    private static final long LONGEST = 1 << 20;
    private static final int STDOUT = 1;
    private static final int ENOSYS = 38;
    private static final int EFAULT = 14;

    private final ByteSink console;
    private final byte[] commandLine;
    private final long epoch;
    private final IntConsumer exit;
    private VirtualClock clock;
    private IntSupplier keys = () -> NO_KEY;
    private int errno;

    /**
     * @param commandLine of SYS_GET_CMDLINE
     * @param epoch       what the clock says at power-on, seconds since 1970
     * @param exit        told the exit status, 0 to 255, that the guest asks for
     */
    Semihosting(ByteSink console, String commandLine, long epoch, IntConsumer exit) {
        this.console = console;
        this.commandLine = (commandLine + "\0").getBytes(StandardCharsets.UTF_8);
        this.epoch = epoch;
        this.exit = exit;
    }

    /** Before the machine runs: what its clocks follow, and who types. */
    void connect(VirtualClock virtual, IntSupplier typed) {
        clock = virtual;
        keys = typed;
    }

    @Override
    public boolean call(Cpu cpu, int number) {
        if (number != CALL || cpu.register("el") == 0) {
            return false;
        }
        try {
            int operation = (int) cpu.argument(0);
            if (operation == READC) {
                read(cpu);
            } else {
                cpu.argument(0, answer(cpu, operation, cpu.argument(1)));
            }
        } catch (GuestFault e) {
            errno = EFAULT;
            cpu.argument(0, -1);
        }
        return true;
    }

    /** Until there is a key the call is made again and again, so that other CPUs and the clock go on. */
    private void read(Cpu cpu) {
        int key = keys.getAsInt();
        if (key == NO_KEY_YET) {
            cpu.register("pc", cpu.pc());
        } else {
            cpu.argument(0, key);
        }
    }

    private long answer(Cpu cpu, int operation, long block) {
        return switch (operation) {
            case OPEN -> open(cpu, block);
            case CLOSE -> 0;
            case WRITEC -> write(cpu, block, 1);
            case WRITE0 -> text(cpu, block);
            case WRITE -> write(cpu, cpu.loadVirtual(block + 8, 8), cpu.loadVirtual(block + 16, 8));
            case ISERROR -> cpu.loadVirtual(block, 8) < 0 ? 1 : 0;
            case ISTTY -> 1;
            case CLOCK -> clock.now() / NANOS_PER_CENTISECOND;
            case TIME -> epoch + clock.now() / TICKS_PER_SECOND;
            case ERRNO -> errno;
            case GET_CMDLINE -> commandLine(cpu, block);
            case EXIT, EXIT_EXTENDED -> exit(cpu.loadVirtual(block, 8), cpu.loadVirtual(block + 8, 8));
            case ELAPSED -> elapsed(cpu, block);
            case TICKFREQ -> TICKS_PER_SECOND;
            default -> unknown();
        };
    }

    private long unknown() {
        errno = ENOSYS;
        return -1;
    }

    /** Only the console: its name is {@code :tt}. */
    private long open(Cpu cpu, long block) {
        long name = cpu.loadVirtual(block, 8);
        boolean tt = cpu.loadVirtual(block + 16, 8) == 3 && cpu.loadVirtual(name, 1) == ':' && cpu.loadVirtual(name + 1, 1) == 't'
                && cpu.loadVirtual(name + 2, 1) == 't';
        return tt ? STDOUT : unknown();
    }

    /** @return bytes not written, as SYS_WRITE answers */
    private long write(Cpu cpu, long va, long n) {
        long most = Math.clamp(n, 0, LONGEST);
        for (long i = 0; i < most; i++) {
            console.accept((byte) cpu.loadVirtual(va + i, 1));
        }
        return n - most;
    }

    private long text(Cpu cpu, long va) {
        for (long i = 0; i < LONGEST; i++) {
            byte b = (byte) cpu.loadVirtual(va + i, 1);
            if (b == 0) {
                break;
            }
            console.accept(b);
        }
        return 0;
    }

    /** Buffer and its size; the size becomes that of the text without its NUL. */
    private long commandLine(Cpu cpu, long block) {
        if (Long.compareUnsigned(cpu.loadVirtual(block + 8, 8), commandLine.length) < 0) {
            return -1;
        }
        cpu.writeVirtual(cpu.loadVirtual(block, 8), commandLine, 0, commandLine.length);
        cpu.storeVirtual(block + 8, 8, commandLine.length - 1);
        return 0;
    }

    private long elapsed(Cpu cpu, long block) {
        cpu.storeVirtual(block, 8, clock.now());
        return 0;
    }

    private long exit(long reason, long status) {
        exit.accept(reason == APPLICATION_EXIT ? (int) status & 0xff : 1);
        return 0;
    }
}
