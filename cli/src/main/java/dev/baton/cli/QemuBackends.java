package dev.baton.cli;

import dev.baton.cli.console.SerialOutput;
import dev.baton.cli.qemu.Backend;
import dev.baton.cli.qemu.QemuCommandLine;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.devices.board.Backends;
import dev.baton.devices.p9.SharedFolder;
import dev.baton.devices.uart.ByteSink;
import dev.baton.devices.virtio.BlockImage;
import dev.baton.devices.virtio.CopyOnWrite;
import dev.baton.devices.virtio.RawFile;
import dev.baton.kernel.chain.Reasons;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Where {@code chardev=}, {@code drive=} and {@code fsdev=} of {@code -device} lead. */
final class QemuBackends implements Backends, AutoCloseable {
    private final QemuCommandLine line;
    private final SerialOutput standardOutput;
    private final Map<String, SerialOutput> files = new LinkedHashMap<>();
    private final List<OutputStream> opened = new ArrayList<>();
    private Machine machine;
    private OptionalInt status = OptionalInt.empty();

    /** @param standardOutput of a {@code stdio} character device */
    QemuBackends(QemuCommandLine line, SerialOutput standardOutput) {
        this.line = line;
        this.standardOutput = standardOutput;
    }

    /** The machine that a testdev ends. */
    void machine(Machine m) {
        machine = m;
    }

    /** What the guest asked the emulator to end with, by a testdev or by semihosting. */
    OptionalInt status() {
        return status;
    }

    /** The guest asks for an end with this exit status; the first one counts. */
    void exit(int code) {
        if (status.isEmpty()) {
            status = OptionalInt.of(code);
            machine.stop(StopReason.REQUESTED);
        }
    }

    /** Of character devices in files. */
    Collection<SerialOutput> outputs() {
        return files.values();
    }

    @Override
    public ByteSink output(String chardev) {
        return switch (line.chardevs().get(chardev)) {
            case null -> throw new BadInput("-device chardev=" + chardev + ": there is no such character device");
            case Backend.Nothing n -> b -> { };
            case Backend.Stdio s -> standardOutput;
            case Backend.TestDev t -> new TestDev();
            case Backend.ToFile f -> files.computeIfAbsent(chardev, id -> new SerialOutput(create("-chardev file", f)));
        };
    }

    @Override
    public BlockImage disk(String drive) {
        QemuCommandLine.Drive d = line.drives().stream().filter(x -> x.id().equals(drive) && !drive.isEmpty()).findFirst()
                .orElseThrow(() -> new BadInput("-device drive=" + drive + ": there is no such drive"));
        if (d.kind().equals("pflash")) {
            throw new BadInput("-device drive=" + drive + ": the drive is a flash bank");
        }
        try {
            RawFile file = new RawFile(d.file(), d.readOnly() || d.snapshot());
            return d.snapshot() ? new CopyOnWrite(file) : file;
        } catch (IOException e) {
            throw new BadInput("-drive file=" + d.file() + ": cannot be opened: " + Reasons.of(e));
        }
    }

    @Override
    public SharedFolder folder(String fsdev) {
        QemuCommandLine.Share s = line.shares().get(fsdev);
        if (s == null) {
            throw new BadInput("-device fsdev=" + fsdev + ": there is no -fsdev of that id");
        }
        try {
            return new SharedFolder(s.folder(), s.readOnly());
        } catch (IOException e) {
            throw new BadInput("-fsdev path=" + s.folder() + ": cannot be opened: " + Reasons.of(e));
        }
    }

    private OutputStream create(String option, Backend.ToFile f) {
        OutputStream to = create(option, f.path(), f.append());
        opened.add(to);
        return to;
    }

    static OutputStream create(String option, Path path, boolean append) {
        try {
            return Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    append ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new BadInput(option + ":" + path + ": cannot be written: " + Reasons.of(e));
        }
    }

    @Override
    public void close() throws IOException {
        for (OutputStream o : opened) {
            o.close();
        }
    }

    /** QEMU's chardev/testdev.c: a decimal number and {@code q} ends the emulator with twice that number and one. */
    private final class TestDev implements ByteSink {
        private int number;

        @Override
        public void accept(byte b) {
            if (b >= '0' && b <= '9') {
                number = 10 * number + b - '0';
            } else {
                if (b == 'q') {
                    exit((number << 1 | 1) & 0xff);
                }
                number = 0;
            }
        }
    }
}
