package dev.baton.cli;

import dev.baton.arm64.sysreg.CpuModel;
import dev.baton.cli.BootRun.Debugging;
import dev.baton.cli.BootRun.Ends;
import dev.baton.cli.BootRun.Keyboard;
import dev.baton.cli.BootRun.TypedAt;
import dev.baton.cli.console.EscapeKeys;
import dev.baton.cli.console.SerialOutput;
import dev.baton.cli.qemu.Backend;
import dev.baton.cli.qemu.QemuCommandLine;
import dev.baton.cli.qemu.QemuParser;
import dev.baton.core.cpu.ModelCalls;
import dev.baton.core.machine.StopReason;
import dev.baton.devices.board.Peripherals;
import dev.baton.devices.board.VirtConfig;
import dev.baton.devices.board.VirtPeripherals;
import dev.baton.devices.uart.Pl011;
import dev.baton.kernel.chain.Reasons;
import dev.baton.kernel.follow.SymbolFile;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code baton qemu-system-aarch64 ...}: does what QEMU would do with the same words, or says which word it cannot honour. */
final class QemuCommand {
    static final String NAME = "qemu-system-aarch64";
    /** The model that scripts name most. */
    private static final String MAX = "max";

    private final QemuCommandLine line;
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;

    private QemuCommand(QemuCommandLine line, InputStream in, PrintStream out, PrintStream err) {
        this.line = line;
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /** @return exit status */
    static int run(List<String> arguments, InputStream in, PrintStream out, PrintStream err) {
        try {
            QemuCommandLine line = QemuParser.parse(arguments, models(), Peripherals.DRIVERS);
            return new QemuCommand(line, in, out, err).run();
        } catch (Exception e) {
            return Failures.report(e, err, System.getenv("BATON_DEBUG") != null);
        }
    }

    private static List<String> models() {
        return CpuModel.names();
    }

    private int run() throws IOException {
        if (line.answer() != null) {
            out.print(line.answer());
            return 0;
        }
        for (String note : line.notes()) {
            err.println("baton: warning: " + note);
        }
        QemuExtras extras = QemuExtras.of(line.extras(), System.getenv());
        List<SymbolFile> symbols = SymbolFile.read(extras.symbols());
        QemuMachine machine = new QemuMachine(line, extras);
        VirtConfig config = machine.config();
        if (line.board().dumpDtb() != null) {
            return dump(machine.tree(config).array());
        }
        Backend serial = line.serials().getFirst();
        try (OutputStream to = open(serial)) {
            SerialOutput output = new SerialOutput(to);
            SerialOutput standardOutput = serial instanceof Backend.Stdio ? output : new SerialOutput(new Unclosed(out));
            try (QemuBackends backends = new QemuBackends(line, standardOutput);
                    QemuLog log = QemuLog.open(line.debug().log(), line.debug().logFile(), err)) {
                Semihosting semihosting = new Semihosting(standardOutput, commandLine(), config.epoch(), backends::exit);
                ArmVirtMachine arm = machine.build(config, output, backends, line.semihost() ? semihosting : ModelCalls.NONE);
                try {
                    log.listen(arm.machine(), arm.board().unmodelled());
                    BootRun run = new BootRun(arm, ends(arm, output, standardOutput, backends), out, keyboard(input()), !line.noReboot(),
                            extras.limit(), new Debugging(line.debug().port(), line.debug().stopped()));
                    symbols.forEach(run.follower()::know);
                    semihosting.connect(arm.machine().clock(), run::key);
                    int status = run(run, arm, output, extras);
                    return backends.status().orElse(status);
                } finally {
                    arm.machine().close();
                }
            }
        }
    }

    private int dump(byte[] tree) {
        Path to = line.board().dumpDtb();
        try {
            Files.write(to, tree);
        } catch (IOException e) {
            throw new BadInput("-machine dumpdtb=" + to + ": cannot be written: " + Reasons.of(e));
        }
        return 0;
    }

    /** As QEMU's semihosting tells it. */
    private String commandLine() {
        var boot = line.boot();
        return ((boot.kernel() == null ? "" : boot.kernel()) + " " + boot.append()).strip();
    }

    /** The character device that leads to standard input: of the serial port, or else of a virtio port. */
    private Backend input() {
        Backend serial = line.serials().getFirst();
        return serial instanceof Backend.Stdio ? serial
                : line.chardevs().values().stream().filter(c -> c instanceof Backend.Stdio).findFirst().orElse(serial);
    }

    /**
     * Keys go to the serial port if it leads to standard input, else to the virtio port that does. A guest that may read by semihosting
     * gets there what it has not enabled the serial port for.
     */
    private Ends ends(ArmVirtMachine arm, SerialOutput serial, SerialOutput standardOutput, QemuBackends backends) {
        List<SerialOutput> outputs = new ArrayList<>(List.of(serial));
        outputs.addAll(backends.outputs());
        if (standardOutput != serial) {
            outputs.add(standardOutput);
        }
        for (var chardev : line.chardevs().entrySet()) {
            if (chardev.getValue() instanceof Backend.Stdio && !(line.serials().getFirst() instanceof Backend.Stdio)) {
                return new Ends(outputs, new VirtioPort(arm.board().peripherals(), chardev.getKey()));
            }
        }
        TypedAt port = Ends.at(arm.board().uart());
        return new Ends(outputs, line.semihost() ? new EnabledPort(arm.board().uart(), port) : port);
    }

    private record EnabledPort(Pl011 uart, TypedAt port) implements TypedAt {
        @Override
        public boolean takes() {
            return uart.enabled() && port.takes();
        }

        @Override
        public boolean listens() {
            return port.listens();
        }

        @Override
        public void input(byte... bytes) {
            port.input(bytes);
        }
    }

    /** A {@code virtconsole} or {@code virtserialport}. */
    private record VirtioPort(VirtPeripherals board, String chardev) implements TypedAt {
        @Override
        public boolean takes() {
            return board.unread(chardev) == 0;
        }

        @Override
        public boolean listens() {
            return board.listens(chardev);
        }

        @Override
        public void input(byte... bytes) {
            board.input(chardev, bytes);
        }
    }

    private int run(BootRun run, ArmVirtMachine arm, SerialOutput output, QemuExtras extras) {
        StopReason reason = run.run();
        if (output.failure() != null) {
            throw new BadInput("-serial: cannot be written: " + Reasons.of(output.failure()));
        }
        BootReport report = new BootReport(arm.machine(), run.follower(), err);
        if (extras.summary()) {
            report.kernels(true);
        }
        report.findings(null);
        report.foreignSymbols();
        if (BootReport.stuck(reason)) {
            report.whereIfStuck(reason);
            err.println("baton: " + BootReport.words(reason));
            return BootReport.STUCK;
        }
        return extras.findingsFail() && !arm.machine().findings().all().isEmpty() ? 1 : 0;
    }

    private OutputStream open(Backend serial) {
        return switch (serial) {
            case Backend.Stdio s -> new Unclosed(out);
            case Backend.ToFile f -> QemuBackends.create("-serial file", f.path(), f.append());
            case Backend.Nothing n -> OutputStream.nullOutputStream();
            case Backend.TestDev t -> throw new BadInput("-serial: expected no testdev");
        };
    }

    private Keyboard keyboard(Backend serial) {
        if (!(serial instanceof Backend.Stdio s) || in == null) {
            return Keyboard.NONE;
        }
        boolean terminal = in == System.in && Terminal.inIsTerminal();
        return new Keyboard(in, terminal, s.signals(), s.escapes() || terminal ? line.escape() : EscapeKeys.NONE);
    }

    /** Standard output stays open when a serial port is closed. */
    private static final class Unclosed extends java.io.FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] b, int offset, int n) throws IOException {
            out.write(b, offset, n);
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }
}
