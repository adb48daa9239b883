package dev.baton.cli;

import dev.baton.arm64.sysreg.CpuModel;
import dev.baton.cli.BootRun.Debugging;
import dev.baton.cli.BootRun.Keyboard;
import dev.baton.cli.console.EscapeKeys;
import dev.baton.cli.console.SerialOutput;
import dev.baton.cli.qemu.Backend;
import dev.baton.cli.qemu.QemuCommandLine;
import dev.baton.cli.qemu.QemuParser;
import dev.baton.core.machine.StopReason;
import dev.baton.devices.board.Peripherals;
import dev.baton.devices.board.VirtConfig;
import dev.baton.kernel.chain.Reasons;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
            err.println("baton: " + note);
        }
        if (line.epoch().isPresent()) {
            throw new BadInput("-rtc base=DATE: not supported; the clock starts at the same moment in every run");
        }
        QemuExtras extras = QemuExtras.of(line.extras(), System.getenv());
        QemuMachine machine = new QemuMachine(line, extras);
        VirtConfig config = machine.config();
        if (line.board().dumpDtb() != null) {
            Files.write(line.board().dumpDtb(), machine.tree(config).array());
            return 0;
        }
        Backend serial = line.serials().getFirst();
        try (OutputStream to = open(serial)) {
            SerialOutput output = new SerialOutput(to);
            QemuBackends backends = new QemuBackends(line, output);
            ArmVirtMachine arm = machine.build(config, output, backends);
            try {
                int status = run(arm, output, serial, extras);
                return backends.status().orElse(status);
            } finally {
                arm.machine().close();
            }
        }
    }

    private int run(ArmVirtMachine arm, SerialOutput output, Backend serial, QemuExtras extras) {
        BootRun run = new BootRun(arm, output, out, keyboard(serial), !line.noReboot(), extras.limit(),
                new Debugging(line.debug().port(), line.debug().stopped()));
        StopReason reason = run.run();
        if (output.failure() != null) {
            throw new BadInput("-serial: cannot be written: " + Reasons.of(output.failure()));
        }
        BootReport report = new BootReport(arm.machine(), run.follower(), err);
        if (extras.summary()) {
            report.kernels(true);
        }
        report.findings();
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
            case Backend.ToFile f -> create(f.path(), f.append());
            case Backend.Nothing n -> OutputStream.nullOutputStream();
            case Backend.TestDev t -> throw new BadInput("-serial: expected no testdev");
        };
    }

    private static OutputStream create(Path path, boolean append) {
        try {
            return Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    append ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new BadInput("-serial file:" + path + ": cannot be written: " + Reasons.of(e));
        }
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
