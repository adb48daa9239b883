package dev.baton.cli;

import dev.baton.arm64.Translation;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.Outside;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.trace.TraceHash;
import dev.baton.devices.board.Backends;
import dev.baton.devices.board.Peripherals;
import dev.baton.devices.board.VirtConfig;
import dev.baton.images.ImageFile;
import dev.baton.kernel.UserStep.KernelFile;
import dev.baton.kernel.chain.MachineFactory.Firmware;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process that boots a real kernel and, at its end, prints the trace hash and the digests of the console and of the machine.
 *
 * <p>{@code KERNEL INITRD CACHES} boots, with {@code t0} without translated blocks; with {@code save N FILE} it writes a snapshot at
 * the first slice boundary after N instructions and goes on; with {@code load FILE} it goes on from there instead.
 */
final class RealBoot {
    private static final long MIB = 1 << 20;
    private static final long LIMIT = 20_000_000_000L;

    private final TraceHash trace = new TraceHash();
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final ArmVirtMachine arm;
    private final Machine machine;

    private RealBoot(Path kernel, Path initrd, String caches, Translation translation) {
        VirtConfig config = VirtConfig.defaults().withCpus(2).withMemory(256 * MIB).withCaches(CachePolicy.parse(caches)).withSeed(5)
                .withPeripherals(Peripherals.FULL).withCpuModel("max");
        Firmware firmware = new Firmware(new KernelFile(kernel.toString(), ImageFile.read(kernel).bytes(), null),
                Bytes.wrap(read(initrd)), "console=ttyAMA0 panic=-1", null, octet -> { }, report -> { });
        arm = new ArmVirtMachine(config, ArmVirtMachine.plans(config, firmware), b -> console.write(b), Backends.NONE,
                dev.baton.core.cpu.ModelCalls.NONE, c -> c.withTranslation(translation));
        machine = arm.machine();
        machine.trace(trace);
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static void main(String[] arguments) {
        String what = arguments.length > 3 ? arguments[3] : "boot";
        RealBoot boot = new RealBoot(Path.of(arguments[0]), Path.of(arguments[1]), arguments[2],
                what.equals("t0") ? Translation.NEVER : Translation.HOT);
        switch (what) {
            case "load" -> boot.load(Path.of(arguments[4]));
            case "save" -> boot.saveAt(Long.parseLong(arguments[4]), Path.of(arguments[5]));
            default -> boot.arm.powerOn();
        }
        boot.toTheEnd();
    }

    private void saveAt(long instructions, Path file) {
        machine.outside(new Outside() {
            private boolean saved;

            @Override
            public void betweenSlices() {
                if (!saved && machine.instructions() >= instructions) {
                    saved = true;
                    save(file);
                }
            }

            @Override
            public boolean idle(long nanos) {
                return false;
            }
        });
        arm.powerOn();
    }

    private void save(Path file) {
        byte[] state = new StateWriter().section("boot").u64(trace.value()).bytes(console.toByteArray()).bytes(machine.snapshot())
                .toByteArray();
        try {
            Files.write(file, state);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void load(Path file) {
        StateReader in = new StateReader(read(file));
        trace.value(in.section("boot").u64());
        console.writeBytes(in.bytes());
        machine.restore(in.bytes());
    }

    private void toTheEnd() {
        StopReason reason = machine.run(LIMIT);
        String text = console.toString(StandardCharsets.UTF_8);
        System.out.printf("reason %s%ninstructions %d%ntrace %016x%nstate %016x%nconsole %d bytes, %08x%nlast %s%nfindings %d%n", reason,
                machine.instructions(), trace.value(), machine.stateHash(), text.length(), text.hashCode(),
                text.lines().toList().getLast(), machine.findings().all().size());
    }
}
