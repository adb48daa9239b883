package dev.baton.kernel.chain;

import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.Machine;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.UserStep.KernelFile;
import dev.baton.kernel.UserStep.KernelSpec;

import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** Assembles machines for the runner: boards and CPUs are bound where they are known, which is not here. */
@FunctionalInterface
public interface MachineFactory {
    /** A workshop for one machine. @throws ChainException if there is no such machine */
    Workshop workshop(MachineSpec spec);

    /** Makes kernels for one machine, then the machine. */
    interface Workshop {
        /** An image that runs this model, known to the machine that {@link #boot} makes. */
        KernelFile modelled(KernelSpec spec);

        /**
         * The machine with its first kernel loaded by firmware, before power-on.
         *
         * @throws ChainException if the machine cannot be built, or the kernel does not fit it
         */
        ChainMachine boot(Firmware firmware);
    }

    /**
     * What firmware starts and who listens.
     *
     * @param kernel       first kernel
     * @param initrd       null for none
     * @param cmdline      {@code /chosen/bootargs}
     * @param dtb          null for the board's own tree
     * @param console      gets every byte of the first UART
     * @param onGeneration told when a kernel starts; its report fills while it runs
     */
    record Firmware(KernelFile kernel, Bytes initrd, String cmdline, Bytes dtb, IntConsumer console,
            Consumer<GenerationReport> onGeneration) { }

    /** A machine under a chain. */
    interface ChainMachine extends AutoCloseable {
        Machine machine();

        /** The boot CPU starts; only now is anything told to {@link Firmware}'s listeners. */
        void powerOn();

        /** The run is over: completes the report of the generation that ran. */
        void finish();

        /** The symbol that an address had at a time, as {@code name+0x10 [kernel]}; "" if none is known. */
        String symbol(long pc, long time);

        @Override
        void close();
    }
}
