package dev.baton.cli;

import dev.baton.cli.qemu.Backend;
import dev.baton.cli.qemu.QemuCommandLine;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.devices.board.Backends;
import dev.baton.devices.uart.ByteSink;
import dev.baton.devices.virtio.BlockImage;
import dev.baton.devices.virtio.CopyOnWrite;
import dev.baton.devices.virtio.RawFile;
import dev.baton.kernel.chain.Reasons;

import java.io.IOException;
import java.util.OptionalInt;

/** Where {@code chardev=} and {@code drive=} of {@code -device} lead. */
final class QemuBackends implements Backends {
    private final QemuCommandLine line;
    private final ByteSink standardOutput;
    private Machine machine;
    private OptionalInt status = OptionalInt.empty();

    /** @param standardOutput of a {@code stdio} character device */
    QemuBackends(QemuCommandLine line, ByteSink standardOutput) {
        this.line = line;
        this.standardOutput = standardOutput;
    }

    /** The machine that a testdev ends. */
    void machine(Machine m) {
        machine = m;
    }

    /** What a testdev asked the emulator to end with. */
    OptionalInt status() {
        return status;
    }

    @Override
    public ByteSink output(String chardev) {
        return switch (line.chardevs().get(chardev)) {
            case null -> throw new BadInput("-device chardev=" + chardev + ": there is no such character device");
            case Backend.Nothing n -> b -> { };
            case Backend.Stdio s -> standardOutput;
            case Backend.TestDev t -> new TestDev();
            case Backend.ToFile f -> throw new BadInput("-device chardev=" + chardev + ": only stdio, null and testdev");
        };
    }

    @Override
    public BlockImage disk(String drive) {
        QemuCommandLine.Drive d = line.drives().stream().filter(x -> x.id().equals(drive) && !drive.isEmpty()).findFirst()
                .orElseThrow(() -> new BadInput("-device drive=" + drive + ": there is no such drive"));
        try {
            RawFile file = new RawFile(d.file(), d.readOnly() || d.snapshot());
            return d.snapshot() ? new CopyOnWrite(file) : file;
        } catch (IOException e) {
            throw new BadInput("-drive file=" + d.file() + ": cannot be opened: " + Reasons.of(e));
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
                if (b == 'q' && status.isEmpty()) {
                    status = OptionalInt.of((number << 1 | 1) & 0xff);
                    machine.stop(StopReason.REQUESTED);
                }
                number = 0;
            }
        }
    }
}
