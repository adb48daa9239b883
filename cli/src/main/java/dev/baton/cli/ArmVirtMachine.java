package dev.baton.cli;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.cpu.ModelCalls;
import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtEditor;
import dev.baton.core.fdt.FdtException;
import dev.baton.core.finding.CacheChecks;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.Machine;
import dev.baton.devices.board.Backends;
import dev.baton.devices.board.EnableMethod;
import dev.baton.devices.board.VirtBoard;
import dev.baton.devices.board.VirtBoot;
import dev.baton.devices.board.VirtConfig;
import dev.baton.devices.uart.ByteSink;
import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;
import dev.baton.images.ImageKinds;
import dev.baton.images.LoadedImage;
import dev.baton.images.arm64.GzipImage;
import dev.baton.images.arm64.ImageHeader;
import dev.baton.kernel.chain.ChainException;
import dev.baton.kernel.chain.MachineFactory.Firmware;
import dev.baton.kernel.chain.MachineSpec;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/** The {@code virt} board bound to arm64 CPUs, with a kernel loaded by firmware. */
final class ArmVirtMachine {
    private static final int DTB_ROOM = 4096;
    /** COMMAND_LINE_SIZE less its NUL: arch/arm64/include/uapi/asm/setup.h. What is longer would be cut without a word. */
    private static final int COMMAND_LINE = 2047;

    private final VirtBoard board;
    private final List<LaunchPlan> plans;

    /**
     * @param modelCalls answers {@code HLT #imm} of modelled kernels
     * @throws ChainException if the kernel is no arm64 kernel, or something does not fit into RAM
     */
    ArmVirtMachine(MachineSpec spec, Firmware firmware, ModelCalls modelCalls) {
        this(config(spec), firmware, modelCalls);
    }

    /** As the other, for a board that no chain document can describe. */
    ArmVirtMachine(VirtConfig config, Firmware firmware, ModelCalls modelCalls) {
        this(config, plans(config, firmware), b -> firmware.console().accept(b & 0xff), modelCalls);
    }

    ArmVirtMachine(VirtConfig config, List<LaunchPlan> plans, ByteSink console, ModelCalls modelCalls) {
        this(config, plans, console, Backends.NONE, modelCalls, UnaryOperator.identity());
    }

    /**
     * @param backends where plugged-in devices lead
     * @param tier how instructions are executed
     */
    ArmVirtMachine(VirtConfig config, List<LaunchPlan> plans, ByteSink console, Backends backends, ModelCalls modelCalls,
            UnaryOperator<Arm64Config> tier) {
        this.plans = plans;
        board = new VirtBoard(config, console, backends, (machine, index, wiring) -> new Arm64Cpu(machine, index,
                tier.apply(Arm64Config.defaults()).withModel(config.cpuModel()).withFirmware(wiring.firmware()).withModelCalls(modelCalls)
                        .withGic(wiring.gic(), wiring.interrupts()).withLevels(wiring.el2(), false).withSeed(config.seed().orElse(0))));
        CacheChecks.install(board.machine());
    }

    /** @throws ChainException if there is no such board */
    static VirtConfig config(MachineSpec spec) {
        try {
            return board(spec);
        } catch (IllegalArgumentException e) {
            throw new ChainException(e.getMessage());
        }
    }

    private static VirtConfig board(MachineSpec spec) {
        VirtConfig config = VirtConfig.defaults().withCpus(spec.cpus()).withMemory(spec.memory().bytes()).withCaches(spec.caches())
                .withEnableMethod(EnableMethod.valueOf(spec.enableMethod().name())).withEntryLevel(spec.el()).withIts(false);
        return spec.seed() == 0 ? config : config.withSeed(spec.seed());
    }

    /**
     * What lies where at power-on.
     *
     * @throws ChainException if the kernel is no arm64 kernel, or something does not fit into RAM
     */
    static List<LaunchPlan> plans(VirtConfig config, Firmware f) {
        try {
            return plans(config, kernel(f.kernel().label(), f.kernel().image(), config.memory()), f);
        } catch (ImageFormatException | IllegalArgumentException e) {
            throw new ChainException(e.getMessage());
        }
    }

    /** As the other, with the kernel at its place. */
    static List<LaunchPlan> plans(VirtConfig config, VirtBoot.Kernel kernel, Firmware f) {
        int length = f.cmdline().getBytes(StandardCharsets.UTF_8).length;
        if (length > COMMAND_LINE) {
            throw new ChainException("command line: expected at most " + COMMAND_LINE + " bytes, which arm64 kernels read, found "
                    + length);
        }
        try {
            Bytes initrd = f.initrd() == null ? Bytes.of() : f.initrd();
            return f.dtb() == null ? VirtBoot.plans(config, kernel, initrd, f.cmdline()) : withTree(config, kernel, initrd, f);
        } catch (IllegalArgumentException e) {
            throw new ChainException(e.getMessage());
        }
    }

    private static VirtBoot.Kernel kernel(String name, Bytes image, long memory) {
        ImageFile file = new ImageFile(name, image);
        LoadedImage loaded = ImageKinds.load(file, memory);
        ImageFile plain = GzipImage.probe(file) ? GzipImage.decompress(file, memory) : file;
        if (ImageHeader.probe(plain)) {
            ImageHeader h = ImageHeader.read(plain);
            return VirtBoot.Kernel.image(plain.bytes(), h.textOffset(), h.imageSize());
        }
        return new VirtBoot.Kernel(loaded.segments(), loaded.entry());
    }

    /** The tree as given, with what every boot loader writes into {@code /chosen}. */
    private static List<LaunchPlan> withTree(VirtConfig config, VirtBoot.Kernel kernel, Bytes initrd, Firmware f) {
        try {
            Fdt given = Fdt.of(f.dtb().array());
            List<LaunchPlan> draft = VirtBoot.plansWithTree(config, kernel, initrd, f.dtb());
            FdtEditor tree = FdtEditor.of(given, DTB_ROOM + 4 * f.cmdline().length());
            tree.setStrings(tree.ensureNode(0, "chosen"), "bootargs", f.cmdline());
            draft.getFirst().segments().stream().filter(s -> s.label().equals("initrd")).forEach(s -> {
                tree.setU64(tree.ensureNode(0, "chosen"), "linux,initrd-start", s.address());
                tree.setU64(tree.ensureNode(0, "chosen"), "linux,initrd-end", s.end());
            });
            return VirtBoot.plansWithTree(config, kernel, initrd, Bytes.wrap(tree.pack().toBytes()));
        } catch (FdtException e) {
            throw new ChainException("device tree: " + e.getMessage());
        }
    }

    /** As SYSTEM_RESET: devices as at power-on, and what firmware loads is loaded again; the rest of RAM stays as it is. */
    void reset() {
        board.reset();
        powerOn();
    }

    /** Puts everything in memory and starts the CPUs. */
    void powerOn() {
        board.launch(plans);
    }

    Machine machine() {
        return board.machine();
    }

    VirtBoard board() {
        return board;
    }

    /** What the boot CPU starts with. */
    LaunchPlan plan() {
        return plans.getFirst();
    }
}
