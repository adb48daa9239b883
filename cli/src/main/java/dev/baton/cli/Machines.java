package dev.baton.cli;

import dev.baton.core.machine.Machine;
import dev.baton.kernel.UserStep.KernelFile;
import dev.baton.kernel.UserStep.KernelSpec;
import dev.baton.kernel.boot.arm64.KernelHost;
import dev.baton.kernel.chain.MachineFactory;
import dev.baton.kernel.chain.MachineSpec;

/** The machines that chains can ask for. */
final class Machines implements MachineFactory {
    static final MachineFactory FACTORY = new Machines();

    private Machines() { }

    @Override
    public Workshop workshop(MachineSpec spec) {
        return switch (spec.board()) {
            case VIRT -> new VirtWorkshop(spec);
        };
    }

    private static final class VirtWorkshop implements Workshop {
        private final MachineSpec spec;
        private final KernelHost host = new KernelHost();

        VirtWorkshop(MachineSpec spec) {
            this.spec = spec;
        }

        @Override
        public KernelFile modelled(KernelSpec kernel) {
            return host.kernelFile(kernel);
        }

        @Override
        public ChainMachine boot(Firmware firmware) {
            host.onGeneration(firmware.onGeneration());
            ArmVirtMachine arm = new ArmVirtMachine(spec, firmware, host);
            host.attach(arm.machine());
            return new VirtChainMachine(arm, host, firmware.kernel());
        }
    }

    private record VirtChainMachine(ArmVirtMachine arm, KernelHost host, KernelFile first) implements ChainMachine {
        @Override
        public Machine machine() {
            return arm.machine();
        }

        @Override
        public void powerOn() {
            arm.powerOn();
            if (first.model() == null) {
                host.bootedByFirmware(first.label(), arm.machine().cpu(0));
            }
        }

        @Override
        public void finish() {
            host.finish();
        }

        @Override
        public String symbol(long pc, long time) {
            return host.symbol(pc, time);
        }

        @Override
        public void close() {
            arm.machine().close();
        }
    }
}
