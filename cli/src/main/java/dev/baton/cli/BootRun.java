package dev.baton.cli;

import dev.baton.cli.console.EscapeKeys;
import dev.baton.cli.console.HostInput;
import dev.baton.cli.console.Inbox;
import dev.baton.cli.console.Monitor;
import dev.baton.cli.console.RawTerminal;
import dev.baton.cli.console.SerialOutput;
import dev.baton.cli.gdb.GdbSession;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.Outside;
import dev.baton.core.machine.StopReason;
import dev.baton.devices.uart.Pl011;
import dev.baton.kernel.chain.Reasons;
import dev.baton.kernel.follow.Follower;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.OptionalInt;

/**
 * One machine from power-on to its end, with somebody at its serial port. Without input the run is a function of the command line;
 * keys enter at the slice boundary that follows them, so what they do depends on when they came.
 */
final class BootRun implements Outside {
    /** Longest wait for keys in one piece; a wait without end is many of them. */
    private static final long PATIENCE = 1_000_000_000;
    private static final int FIFO = 16;

    /**
     * @param in       what is typed; null if nobody types
     * @param terminal {@code in} is a terminal: made raw, escape keys are heard, and idle time passes as people see it pass
     * @param signals  on a terminal, Ctrl-C is a signal and not a key
     * @param escape   control code of the key that introduces commands, {@link EscapeKeys#NONE} for none
     */
    record Keyboard(InputStream in, boolean terminal, boolean signals, int escape) {
        static final Keyboard NONE = new Keyboard(null, false, false, EscapeKeys.NONE);
        private static final int CTRL_A = 1;

        /** Standard input as it is; keys command Baton if it is a terminal. */
        static Keyboard of(InputStream in, boolean signals) {
            boolean terminal = in == System.in && Terminal.inIsTerminal();
            return new Keyboard(in, terminal, signals, terminal ? CTRL_A : EscapeKeys.NONE);
        }
    }

    /**
     * @param port of the loopback interface on which a gdb may connect; empty for none
     * @param held nothing runs before it says so
     */
    record Debugging(OptionalInt port, boolean held) {
        static final Debugging NONE = new Debugging(OptionalInt.empty(), false);
    }

    /** A port of the guest at which somebody can type. */
    interface TypedAt {
        /** Whoever reads there has taken what was typed so far. */
        boolean takes();

        /** Somebody in the guest waits for bytes. */
        boolean listens();

        void input(byte... bytes);
    }

    /**
     * What the host sees of the guest.
     *
     * @param outputs written soon after the guest wrote
     * @param keys    where keys go
     */
    record Ends(List<SerialOutput> outputs, TypedAt keys) {
        /** The serial port alone. */
        static Ends serial(Pl011 uart, SerialOutput output) {
            return new Ends(List.of(output), at(uart));
        }

        static TypedAt at(Pl011 uart) {
            return new TypedAt() {
                @Override
                public boolean takes() {
                    return uart.unread() == 0;
                }

                @Override
                public boolean listens() {
                    return uart.listens();
                }

                @Override
                public void input(byte... bytes) {
                    uart.input(bytes);
                }
            };
        }

        void flush() {
            outputs.forEach(SerialOutput::flush);
        }
    }

    private final ArmVirtMachine arm;
    private final Machine machine;
    private final Ends ends;
    private final Keyboard keyboard;
    private final boolean resets;
    private final long limit;
    private final Inbox inbox = new Inbox();
    private final Debugging debugging;
    private final ArrayDeque<Byte> typed = new ArrayDeque<>();
    private final Monitor monitor;
    private GdbSession gdb;
    private int boots = 1;
    private HostInput input;
    private boolean inputOpen;
    private final Follower follower;
    private boolean quit;
    private boolean alone = true;

    /**
     * @param ends   where bytes of the guest go, as the machine was told, and keys come from
     * @param people where commands of the keyboard answer
     * @param resets a reset starts the machine again; otherwise it ends the run
     * @param limit  instructions after which the run ends
     * @param debugging who may look inside
     */
    BootRun(ArmVirtMachine arm, Ends ends, PrintStream people, Keyboard keyboard, boolean resets, long limit,
            Debugging debugging) {
        this.arm = arm;
        this.debugging = debugging;
        this.machine = arm.machine();
        this.follower = new Follower(machine);
        this.ends = ends;
        this.keyboard = keyboard;
        this.resets = resets;
        this.limit = limit;
        this.monitor = new Monitor(machine, people, this::quit, () -> arm.board().peripherals().pressPowerKey());
    }

    /** Knows which kernels ran. */
    Follower follower() {
        return follower;
    }

    /** Nobody typed or debugged: the run is a function of what the machine was built of. */
    boolean alone() {
        return alone && gdb == null;
    }

    /** Runs until it ends. {@link StopReason#REQUESTED} when somebody asked for it. */
    StopReason run() {
        RawTerminal terminal = keyboard.terminal() ? RawTerminal.open(keyboard.signals()) : null;
        Thread flush = new Thread(ends::flush, "serial output");
        Runtime.getRuntime().addShutdownHook(flush);
        try {
            listen();
            machine.outside(this);
            arm.powerOn();
            follower.started(arm.plan());
            debug();
            StopReason reason = untilTheEnd();
            if (gdb != null) {
                gdb.ended(BootReport.stuck(reason) ? BootReport.STUCK : 0);
            }
            return reason;
        } finally {
            closeGdb();
            ends.flush();
            Runtime.getRuntime().removeShutdownHook(flush);
            if (terminal != null) {
                terminal.close();
            }
        }
    }

    private StopReason untilTheEnd() {
        for (;;) {
            if (gdb != null) {
                gdb.debugger().betweenSlices();
            }
            if (quit) {
                return StopReason.REQUESTED;
            }
            StopReason reason = machine.run(limit - machine.instructions());
            if (reason != StopReason.RESET || !resets || quit) {
                return reason;
            }
            arm.reset();
            follower.started(arm.plan());
            boots++;
        }
    }

    private void debug() {
        if (debugging.port().isEmpty()) {
            if (debugging.held()) {
                throw new BadInput("-S: expected -s or -gdb PORT beside it (--wait: --gdb): only a debugger lets the machine go");
            }
            return;
        }
        int port = debugging.port().getAsInt();
        try {
            gdb = new GdbSession(machine, inbox, port, debugging.held(), this::stage, this::quit);
        } catch (IOException e) {
            throw new BadInput("-gdb tcp::" + port + ": cannot listen there: " + Reasons.of(e));
        }
    }

    private void closeGdb() {
        if (gdb != null) {
            try {
                gdb.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    private String stage() {
        return "boot " + boots + " by firmware, " + follower.stage();
    }

    // Keys --------------------------------------------------------------------------------------------------------------

    private void listen() {
        if (keyboard.in() == null) {
            return;
        }
        EscapeKeys keys = new EscapeKeys(keyboard.escape(), new Keys());
        inputOpen = true;
        input = new HostInput(keyboard.in(), inbox, bytes -> sort(keys, bytes), () -> inputOpen = false);
        input.start();
    }

    private void sort(EscapeKeys keys, byte... bytes) {
        int waiting = typed.size();
        keys.keys(bytes);
        input.consumed(bytes.length - (typed.size() - waiting));
    }

    /** What the keys of the keyboard mean. */
    private final class Keys implements EscapeKeys.Receiver {
        @Override
        public void key(byte b) {
            if (monitor.focused()) {
                monitor.key(b);
            } else {
                typed.add(b);
            }
        }

        @Override
        public void quit() {
            BootRun.this.quit();
        }

        @Override
        public void switchFocus() {
            monitor.switchFocus();
        }

        @Override
        public void help() {
            monitor.keys();
        }
    }

    /** For SYS_READC: the next key, {@link Semihosting#NO_KEY_YET}, or {@link Semihosting#NO_KEY} when nobody types any more. */
    int key() {
        if (typed.isEmpty()) {
            return inputOpen ? Semihosting.NO_KEY_YET : Semihosting.NO_KEY;
        }
        input.consumed(1);
        return typed.remove() & 0xff;
    }

    private void quit() {
        quit = true;
        machine.stop(StopReason.REQUESTED);
    }

    // Between slices ------------------------------------------------------------------------------------------------------

    @Override
    public void betweenSlices() {
        inbox.work();
        type();
        for (SerialOutput output : ends.outputs()) {
            output.tick();
            if (output.failure() != null) {
                machine.stop(StopReason.REQUESTED);
            }
        }
        if (gdb != null) {
            gdb.debugger().betweenSlices();
        }
    }

    private void type() {
        if (typed.isEmpty() || !ends.keys().takes()) {
            return;
        }
        byte[] next = new byte[Math.min(typed.size(), FIFO)];
        for (int i = 0; i < next.length; i++) {
            next[i] = typed.remove();
        }
        input.consumed(next.length);
        ends.keys().input(next);
        alone = false;
    }

    @Override
    public boolean looksOn() {
        return gdb != null;
    }

    @Override
    public boolean idle(long nanos) {
        ends.flush();
        boolean forever = nanos == Long.MAX_VALUE;
        boolean awaited = forever && gdb != null || inputOpen && (keyboard.terminal() || forever && ends.keys().listens());
        boolean worked = awaited ? inbox.await(Math.min(nanos, PATIENCE)) : inbox.work();
        boolean input = !typed.isEmpty() && ends.keys().takes();
        type();
        if (gdb != null) {
            gdb.debugger().betweenSlices();
        }
        return worked || input || awaited && forever;
    }
}
