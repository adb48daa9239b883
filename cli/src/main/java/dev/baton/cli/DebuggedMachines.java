package dev.baton.cli;

import dev.baton.cli.console.Inbox;
import dev.baton.cli.gdb.GdbSession;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.UserStep.KernelFile;
import dev.baton.kernel.UserStep.KernelSpec;
import dev.baton.kernel.chain.MachineFactory;
import dev.baton.kernel.chain.MachineSpec;
import dev.baton.kernel.chain.Reasons;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Locale;

/** Machines of which the first is open to a debugger. Those that a runner makes besides, to find a writer, are nobody's business. */
final class DebuggedMachines implements MachineFactory {
    private final MachineFactory machines;
    private final int port;
    private final PrintStream err;
    private boolean used;

    /** @param port of the loopback interface; nothing runs before a debugger connected there says so */
    DebuggedMachines(MachineFactory machines, int port, PrintStream err) {
        this.machines = machines;
        this.port = port;
        this.err = err;
    }

    @Override
    public Workshop workshop(MachineSpec spec) {
        Workshop workshop = machines.workshop(spec);
        return new Workshop() {
            @Override
            public KernelFile modelled(KernelSpec kernel) {
                return workshop.modelled(kernel);
            }

            @Override
            public ChainMachine boot(Firmware firmware) {
                if (used) {
                    return workshop.boot(firmware);
                }
                used = true;
                return new Debugged(workshop, firmware);
            }
        };
    }

    private final class Debugged implements ChainMachine {
        private final ChainMachine machine;
        private GenerationReport generation;
        private GdbSession gdb;

        Debugged(Workshop workshop, Firmware f) {
            machine = workshop.boot(new Firmware(f.kernel(), f.initrd(), f.cmdline(), f.dtb(), f.console(),
                    f.onGeneration().andThen(g -> generation = g)));
        }

        @Override
        public Machine machine() {
            return machine.machine();
        }

        @Override
        public void powerOn() {
            machine.powerOn();
            try {
                gdb = new GdbSession(machine(), new Inbox(), port, true, this::stage, () -> machine().stop(StopReason.REQUESTED));
            } catch (IOException e) {
                throw new BadInput("--gdb " + port + ": cannot listen there: " + Reasons.of(e));
            }
            err.println("baton: waiting for gdb: target remote :" + gdb.port());
            machine().outside(gdb.debugger());
            gdb.debugger().betweenSlices();
        }

        private String stage() {
            if (generation == null) {
                return "no kernel has started";
            }
            return String.format(Locale.ROOT, "generation %d, kernel '%s', started after %,d of %,d instructions", generation.number,
                    generation.kernel, generation.startTime, machine().instructions());
        }

        @Override
        public void finish() {
            machine.finish();
        }

        @Override
        public String symbol(long pc, long time) {
            return machine.symbol(pc, time);
        }

        @Override
        public void close() {
            if (gdb != null) {
                gdb.ended(0);
                try {
                    gdb.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            machine.close();
        }
    }
}
