package dev.baton.cli;

import dev.baton.arm64.sysreg.CpuModel;
import dev.baton.cli.qemu.QemuCommandLine;
import dev.baton.cli.qemu.QemuParser;
import dev.baton.core.cpu.ModelCalls;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.devices.board.Peripherals;
import dev.baton.devices.board.VirtBoot;
import dev.baton.devices.board.VirtConfig;
import dev.baton.devices.board.VirtDeviceTree;
import dev.baton.devices.board.VirtLayout;
import dev.baton.devices.board.VirtPeripherals;
import dev.baton.devices.flash.CfiFlash;
import dev.baton.devices.uart.ByteSink;
import dev.baton.images.ImageFile;
import dev.baton.images.ImageFormatException;
import dev.baton.images.ImageKinds;
import dev.baton.kernel.UserStep.KernelFile;
import dev.baton.kernel.chain.MachineFactory.Firmware;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The board and the boot that a command line of QEMU's asks for. */
record QemuMachine(QemuCommandLine line, QemuExtras extras) {
    /** Where QEMU puts a kernel without a header: hw/arm/boot.c, KERNEL64_LOAD_ADDR. */
    private static final long FLAT_OFFSET = 0x8_0000;

    /** @throws BadInput naming the option that asks for what is not there */
    VirtConfig config() {
        var board = line.board();
        refuse(board.secure(), "-machine secure=on");
        VirtConfig c = VirtConfig.defaults().withCaches(extras.caches()).withEntryLevel(board.virtualization() ? 2 : 1)
                .withGicVersion(board.gic().equals("2") ? 2 : 3).withIts(board.its()).withCpuModel(model());
        if (line.cpus() > VirtConfig.MAX_CPUS) {
            // kvm-unit-tests' run_tests.sh --probe-maxsmp looks for "SMP CPUs" and takes the last word.
            throw new BadInput("-smp %d: too many SMP CPUs, the board has at most %d".formatted(line.cpus(), VirtConfig.MAX_CPUS));
        }
        c = named("-smp " + line.cpus(), c, x -> x.withCpus(line.cpus()));
        c = named("-m", c, x -> x.withMemory(line.memory()));
        c = named("-device", c, x -> x.withPeripherals(peripherals()));
        c = line.epoch().isPresent() ? c.withEpoch(line.epoch().getAsLong()) : c;
        return board.randomness() ? c.withSeed(extras.seed()) : c;
    }

    /** The CPU model with the properties that change what a kernel sees; what else may be said of it is as it is here. */
    private String model() {
        StringBuilder s = new StringBuilder(line.cpu());
        for (String property : QemuParser.PROPERTIES) {
            String value = line.features().get(property);
            s.append(value == null ? "" : "," + property + "=" + value);
        }
        try {
            return CpuModel.named(s.toString()).name();
        } catch (IllegalArgumentException e) {
            throw new BadInput("-cpu " + s + ": " + e.getMessage());
        }
    }

    private Peripherals peripherals() {
        Peripherals p = Peripherals.FULL.withLegacyMmio(line.legacyMmio());
        for (QemuCommandLine.Device d : line.devices()) {
            p = p.with(new Peripherals.Device(d.driver(), d.properties()));
        }
        return p;
    }

    /** @throws BadInput if the board cannot be built */
    ArmVirtMachine build(VirtConfig config, ByteSink console, QemuBackends backends, ModelCalls calls) {
        List<LaunchPlan> plans = plans(config);
        try {
            ArmVirtMachine arm = new ArmVirtMachine(config, plans, console, backends, calls,
                c -> c.withStepper(QemuLog.observes(line.debug().log())));
            backends.machine(arm.machine());
            flash(arm.board().peripherals());
            return arm;
        } catch (IllegalArgumentException e) {
            throw bad("-machine ", e);
        }
    }

    private static void refuse(boolean asked, String option) {
        if (asked) {
            throw new BadInput(option + ": not supported");
        }
    }

    private static VirtConfig named(String option, VirtConfig c, java.util.function.UnaryOperator<VirtConfig> change) {
        try {
            return change.apply(c);
        } catch (IllegalArgumentException e) {
            throw bad(option + ": ", e);
        }
    }

    /** What a board says about a device names it. */
    private static BadInput bad(String option, IllegalArgumentException e) {
        return new BadInput((e.getMessage().startsWith("device ") ? "-" : option) + e.getMessage());
    }

    /** {@code -drive if=pflash}, in order; {@code -bios} is bank 0. */
    private List<Path> banks() {
        List<Path> banks = new ArrayList<>();
        if (line.boot().bios() != null) {
            banks.add(line.boot().bios());
        }
        line.drives().stream().filter(d -> d.kind().equals("pflash")).forEach(d -> banks.add(d.file()));
        refuse(banks.size() > VirtLayout.FLASH_BANKS, "-drive if=pflash, beyond " + VirtLayout.FLASH_BANKS + " banks,");
        return banks;
    }

    private void flash(VirtPeripherals board) {
        List<Path> banks = banks();
        for (int i = 0; i < banks.size(); i++) {
            ImageFile image = ImageFile.read(banks.get(i));
            if (image.length() > CfiFlash.SIZE) {
                throw new BadInput(image.name() + ": expected at most " + CfiFlash.SIZE + " bytes, as a flash bank has, found "
                        + image.length());
            }
            board.flash(i).load(image.bytes().array());
        }
        if (!banks.isEmpty()) {
            firmware(board);
        }
    }

    /** Scripts tell a kernel that is not there from a QEMU that does not work by QEMU's words: kvm-unit-tests' {@code vmm.bash}. */
    private static ImageFile kernel(Path file) {
        try {
            return ImageFile.read(file);
        } catch (ImageFormatException e) {
            throw new BadInput("-kernel: could not load kernel " + e.getMessage());
        }
    }

    private void firmware(VirtPeripherals board) {
        if (line.boot().kernel() != null) {
            Bytes initrd = line.boot().initrd() == null ? Bytes.of() : ImageFile.read(line.boot().initrd()).bytes();
            board.firmwareItems().kernel(kernel(line.boot().kernel()).bytes(), initrd, line.boot().append());
        }
    }

    /** What is in memory at power-on. */
    List<LaunchPlan> plans(VirtConfig config) {
        var boot = line.boot();
        if (!banks().isEmpty()) {
            return List.of(VirtBoot.firmware(config));
        }
        if (boot.kernel() == null) {
            throw new BadInput("-kernel: expected one, or -bios, or -drive if=pflash; there is no firmware to boot from a disk");
        }
        ImageFile kernel = kernel(boot.kernel());
        Firmware firmware = new Firmware(new KernelFile(kernel.name(), kernel.bytes(), null),
                boot.initrd() == null ? null : ImageFile.read(boot.initrd()).bytes(), boot.append(),
                boot.dtb() == null ? null : Bytes.wrap(FdtCommand.read(boot.dtb()).toBytes()), octet -> { }, report -> { });
        return ImageKinds.known(kernel) ? ArmVirtMachine.plans(config, firmware)
                : ArmVirtMachine.plans(config, flat(kernel, config), firmware);
    }

    private static VirtBoot.Kernel flat(ImageFile kernel, VirtConfig config) {
        long address = VirtLayout.RAM + FLAT_OFFSET;
        return new VirtBoot.Kernel(ImageKinds.loadFlat(kernel, address, config.memory()).segments(), address);
    }

    /** The tree that {@code dumpdtb} writes. */
    Bytes tree(VirtConfig config) {
        if (line.boot().kernel() == null) {
            return Bytes.wrap(VirtDeviceTree.write(config, new VirtDeviceTree.Chosen(line.boot().append(), 0, 0)));
        }
        return plans(config).getFirst().segments().stream().filter(s -> s.label().equals("dtb")).findFirst().orElseThrow().bytes();
    }
}
