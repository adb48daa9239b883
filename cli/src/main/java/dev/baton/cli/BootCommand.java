package dev.baton.cli;

import dev.baton.arm64.sysreg.CpuModel;
import dev.baton.cli.BootRun.Debugging;
import dev.baton.cli.BootRun.Ends;
import dev.baton.cli.BootRun.Keyboard;
import dev.baton.cli.console.SerialOutput;
import dev.baton.core.cpu.ModelCalls;
import dev.baton.core.finding.WriterReplay;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.devices.board.Peripherals;
import dev.baton.devices.board.VirtConfig;
import dev.baton.images.ImageFile;
import dev.baton.images.cpio.Initrd;
import dev.baton.kernel.UserStep.KernelFile;
import dev.baton.kernel.chain.Count;
import dev.baton.kernel.chain.MachineFactory.Firmware;
import dev.baton.kernel.chain.MachineSpec;
import dev.baton.kernel.chain.Size;
import dev.baton.kernel.follow.Follower;
import dev.baton.kernel.follow.SymbolFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.TypeConversionException;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.Function;

@Command(name = "boot", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Boots one kernel image; its console is standard output. Exit status 0 when it powers off or resets, 3 when it gets "
                + "stuck.")
final class BootCommand implements Callable<Integer> {
    @ParentCommand
    private BatonCommand baton;

    @Option(names = {"-M", "--machine"}, paramLabel = "BOARD", defaultValue = "virt", description = "board: virt")
    private MachineSpec.Board board;

    @Option(names = "--kernel", paramLabel = "IMAGE", required = true, description = "arm64 Image, also gzip-compressed, or ELF")
    private Path kernel;

    @Option(names = "--initrd", paramLabel = "FILE", description = "initial RAM disk")
    private Path initrd;

    @Option(names = "--dtb", paramLabel = "FILE", description = "device tree; by default the board's own")
    private Path dtb;

    @Option(names = "--append", paramLabel = "TEXT", defaultValue = "", description = "kernel command line")
    private String append;

    @Option(names = "--smp", paramLabel = "N", defaultValue = "1", description = "number of CPUs, 1 to 8")
    private int smp;

    @Option(names = {"-m", "--memory"}, paramLabel = "SIZE", defaultValue = "512M", converter = SizeConverter.class,
            description = "RAM; default ${DEFAULT-VALUE}")
    private Size memory;

    @Option(names = "--cpu", paramLabel = "MODEL", defaultValue = "max", converter = ModelConverter.class,
            description = "CPU model: baton-v8, cortex-a57, cortex-a72, cortex-a76, neoverse-n1 or max; default ${DEFAULT-VALUE}")
    private CpuModel cpu;

    @Option(names = "--caches", paramLabel = "POLICY", defaultValue = "strict", converter = CachesConverter.class,
            description = "none, strict, adversarial or random:SEED; default ${DEFAULT-VALUE}")
    private CachePolicy caches;

    @Option(names = "--el", paramLabel = "N", defaultValue = "1",
            description = "exception level of the kernel's entry, 1 or 2; default ${DEFAULT-VALUE}")
    private int el;

    @Option(names = "--enable-method", paramLabel = "METHOD", defaultValue = "psci", converter = EnableMethodConverter.class,
            description = "how secondary CPUs start: psci or spin-table; default ${DEFAULT-VALUE}")
    private MachineSpec.EnableMethod enableMethod;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1",
            description = "of rng-seed and kaslr-seed; 0: none; default ${DEFAULT-VALUE}")
    private long seed;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "10G", converter = CountConverter.class,
            description = "instructions after which the run ends; default ${DEFAULT-VALUE}")
    private Count limit;

    @Option(names = "--summary", description = "tells of each kernel that ran; without it only if one handed over to another")
    private boolean summary;

    @Option(names = "--symbols", paramLabel = "FILE", description = "System.map or vmlinux of a kernel that will run; may be repeated")
    private List<Path> symbols = List.of();

    @Option(names = "--gdb", paramLabel = "PORT", description = "a gdb may connect to this port of the loopback interface")
    private Integer gdb;

    @Option(names = "--wait", description = "run nothing before gdb says so")
    private boolean wait;

    @Override
    public Integer call() {
        MachineSpec spec = new MachineSpec(board, smp, memory, caches, enableMethod, el, seed, limit, null);
        Firmware firmware = new Firmware(new KernelFile(kernel.toString(), ImageFile.read(kernel).bytes(), null), initrd(initrd), append,
                dtb == null ? null : Bytes.wrap(FdtCommand.read(dtb).toBytes()), octet -> { }, report -> { });
        List<SymbolFile> files = SymbolFile.read(symbols);
        SerialOutput console = new SerialOutput(baton.out);
        VirtConfig config = ArmVirtMachine.config(spec).withPeripherals(Peripherals.FULL).withCpuModel(cpu.name());
        List<LaunchPlan> plans = ArmVirtMachine.plans(config, firmware);
        ArmVirtMachine arm = new ArmVirtMachine(config, plans, console, ModelCalls.NONE);
        Machine machine = arm.machine();
        try {
            long begin = System.nanoTime();
            BootRun run = new BootRun(arm, Ends.serial(arm.board().uart(), console), baton.err, Keyboard.of(baton.in, true), false,
                    limit.value(), new Debugging(gdb == null ? OptionalInt.empty() : OptionalInt.of(gdb), wait));
            files.forEach(run.follower()::know);
            StopReason reason = run.run();
            return report(run.follower(), machine, reason, System.nanoTime() - begin, run.alone() ? again(config, plans) : null);
        } finally {
            machine.close();
        }
    }

    /** The same machine once more, without anybody around it. */
    private WriterReplay.Rerun again(VirtConfig config, List<LaunchPlan> plans) {
        return (prepare, time) -> {
            ArmVirtMachine twin = new ArmVirtMachine(config, plans, octet -> { }, ModelCalls.NONE);
            try {
                prepare.accept(twin.machine());
                twin.powerOn();
                // In one go, as the first time: where a run is cut, exclusive monitors are cleared.
                twin.machine().run(limit.value());
            } finally {
                twin.machine().close();
            }
        };
    }

    private static Bytes initrd(Path file) {
        return file == null ? null : Initrd.bytes(ImageFile.read(file));
    }

    private int report(Follower follower, Machine machine, StopReason reason, long nanos, WriterReplay.Rerun again) {
        BootReport report = new BootReport(machine, follower, baton.err);
        report.kernels(summary);
        report.findings(again);
        report.foreignSymbols();
        report.whereIfStuck(reason);
        baton.err.printf(java.util.Locale.ROOT, "baton: %s after %s instructions, %.2f s, %.0f MIPS%n", BootReport.words(reason),
                RunSummary.count(machine.instructions()), nanos / 1e9, machine.instructions() * 1e3 / Math.max(nanos, 1));
        return BootReport.stuck(reason) ? BootReport.STUCK : machine.findings().all().isEmpty() ? 0 : 1;
    }

    /** Words as chains spell them; their own sentence says what is wrong. */
    private abstract static class Words<T> implements ITypeConverter<T> {
        private final Function<String, T> parse;

        Words(Function<String, T> parse) {
            this.parse = parse;
        }

        @Override
        public T convert(String text) {
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static final class ModelConverter extends Words<CpuModel> {
        ModelConverter() {
            super(CpuModel::named);
        }
    }

    private static final class SizeConverter extends Words<Size> {
        SizeConverter() {
            super(Size::parse);
        }
    }

    private static final class CountConverter extends Words<Count> {
        CountConverter() {
            super(Count::parse);
        }
    }

    private static final class CachesConverter extends Words<CachePolicy> {
        CachesConverter() {
            super(CachePolicy::parse);
        }
    }

    private static final class EnableMethodConverter extends Words<MachineSpec.EnableMethod> {
        EnableMethodConverter() {
            super(MachineSpec.EnableMethod::parse);
        }
    }
}
