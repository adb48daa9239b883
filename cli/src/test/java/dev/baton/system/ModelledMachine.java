package dev.baton.system;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.cpu.ModelCalls;
import dev.baton.core.finding.CacheChecks;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.devices.board.VirtBoard;
import dev.baton.devices.board.VirtBoot;
import dev.baton.devices.board.VirtConfig;
import dev.baton.devices.board.VirtLayout;
import dev.baton.images.guest.GuestKernel;
import dev.baton.kernel.Era;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.Quirk;
import dev.baton.kernel.UserStep;
import dev.baton.kernel.UserStep.KernelFile;
import dev.baton.kernel.UserStep.KernelSpec;
import dev.baton.kernel.boot.arm64.KernelHost;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A {@code virt} board with arm64 CPUs whose model calls a {@link KernelHost} answers, and what came out of its UART. */
final class ModelledMachine implements AutoCloseable {
    static final Bytes NO_INITRD = Bytes.of();
    /** Of one run, in instructions: a chain of three takes a tenth of it. */
    long limit = 3_000_000L;

    /** Which tier the CPUs use. */
    UnaryOperator<Arm64Config> tier = UnaryOperator.identity();
    final KernelHost host = new KernelHost();
    private final VirtConfig config;
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private VirtBoard board;

    ModelledMachine(VirtConfig config) {
        this.config = config;
    }

    static KernelSpec spec(String name, Era era, Set<Quirk> quirks, UserStep... user) {
        return new KernelSpec(name, era, quirks, List.of(user));
    }

    /** A modelled kernel this machine knows. */
    KernelFile kernel(String name, Era era, UserStep... user) {
        return host.kernelFile(spec(name, era, Set.of(), user));
    }

    KernelFile kernel(String name, Era era, Set<Quirk> quirks, UserStep... user) {
        return host.kernelFile(spec(name, era, quirks, user));
    }

    static UserStep load(KernelFile next) {
        return new UserStep.KexecFileLoad(next, NO_INITRD, "console=ttyAMA0", 0, 0);
    }

    /** Powers on with this kernel and runs until it stops. */
    StopReason run(KernelFile first) {
        start(first);
        StopReason reason = machine().run(limit);
        host.finish();
        return reason;
    }

    void start(KernelFile first) {
        build(host);
        launch(first, 2 << 20, UnaryOperator.identity());
    }

    /** The machine, off. */
    void build(ModelCalls calls) {
        board = new VirtBoard(config, b -> console.write(b), (machine, index, wiring) -> new Arm64Cpu(machine, index,
                tier.apply(Arm64Config.defaults().withFirmware(wiring.firmware()).withModelCalls(calls)
                        .withGic(wiring.gic(), wiring.interrupts()).withLevels(wiring.el2(), false))));
        CacheChecks.install(machine());
        host.attach(machine());
    }

    /** Firmware's part, with the image at an offset in RAM, and each CPU's plan as the test wants it. */
    void launch(KernelFile first, long offset, UnaryOperator<LaunchPlan> change) {
        long at = VirtLayout.RAM + offset;
        LaunchPlan.Segment image = new LaunchPlan.Segment("kernel", at, first.image(), GuestKernel.symbol("_end"));
        VirtBoot.Kernel kernel = new VirtBoot.Kernel(List.of(image), at);
        board.launch(VirtBoot.plans(config, kernel, NO_INITRD, "console=ttyAMA0").stream().map(change).toList());
    }

    Machine machine() {
        return board.machine();
    }

    String console() {
        return console.toString(StandardCharsets.UTF_8);
    }

    List<GenerationReport> reports() {
        return host.reports();
    }

    /** Rule ids in the order in which they were first broken. */
    List<String> rules() {
        return findings().stream().map(Finding::rule).distinct().toList();
    }

    List<Finding> findings() {
        return machine().findings().all();
    }

    @Override
    public void close() {
        if (board != null) {
            machine().close();
        }
    }
}
