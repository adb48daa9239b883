package dev.baton.kernel.chain;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.UserStep;
import dev.baton.kernel.UserStep.KernelFile;
import dev.baton.kernel.UserStep.KernelSpec;

import java.lang.reflect.Proxy;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Machines whose kernels do one step per instruction, so that the runner can be seen at work without a CPU. */
final class FakeMachines implements MachineFactory {
    static final long RAM = 0x4000_0000L;

    /** Changes what a generation does or reports, at its start. */
    BiConsumer<Machine, GenerationReport> atStart = (machine, report) -> { };
    /** The kernel of this generation never gets anywhere. */
    int loopsIn = -1;
    int booted;

    @Override
    public Workshop workshop(MachineSpec spec) {
        return new Workshop() {
            @Override
            public KernelFile modelled(KernelSpec kernel) {
                return new KernelFile(kernel.name(), Bytes.of(), kernel);
            }

            @Override
            public ChainMachine boot(Firmware firmware) {
                booted++;
                return new Fake(firmware);
            }
        };
    }

    private final class Fake implements ChainMachine {
        private final Machine machine = new Machine();
        private final Firmware firmware;
        private KernelFile kernel;
        private KernelFile loaded;
        private GenerationReport report;
        private int step;
        private int preserved;
        private int number;
        private long count;
        private boolean ending;
        private Cpu.State state = Cpu.State.RUNNING;

        Fake(Firmware firmware) {
            this.firmware = firmware;
            kernel = firmware.kernel();
            machine.bus().add(new Ram(RAM, 16 << 20, CachePolicy.NONE));
            Class<?>[] type = {Cpu.class};
            machine.add((Cpu) Proxy.newProxyInstance(Cpu.class.getClassLoader(), type, (p, m, a) -> switch (m.getName()) {
                case "run" -> run((long) a[0]);
                case "endSlice" -> {
                    ending = true;
                    yield null;
                }
                case "state" -> state;
                case "instructions", "stateHash" -> count;
                case "register" -> 0x1000L + step;
                case "describe" -> "WFI with interrupts masked";
                case "lastBranches" -> new long[] {0x1004, 0x1000};
                default -> m.getReturnType() == long.class ? (Object) 0L : m.getReturnType() == int.class ? (Object) 0 : null;
            }));
        }

        @Override
        public void powerOn() {
            machine.launch(new dev.baton.core.machine.LaunchPlan(0, java.util.List.of(), new TreeMap<>()));
        }

        @Override
        public void finish() { }

        private long run(long budget) {
            long done = 0;
            ending = false;
            while (done < budget && !ending && state == Cpu.State.RUNNING) {
                done++;
                count++;
                if (report == null) {
                    start();
                } else if (report.number != loopsIn) {
                    next();
                }
            }
            return done;
        }

        private void start() {
            report = new GenerationReport(++number, kernel.label());
            report.khoIncoming = preserved > 0 ? "kho-v4" : "";
            report.entryState.put("x1", 0L);
            atStart.accept(machine, report);
            firmware.onGeneration().accept(report);
            say("Linux version fake, generation " + number + " is " + kernel.label());
            step = 0;
        }

        private void next() {
            if (kernel.model() == null) {
                say("a real kernel's line " + step++);
                return;
            }
            switch (kernel.model().user().get(step++)) {
                case UserStep.Preserve p -> report.foliosPreserved = p.orders().size();
                case UserStep.Restore r -> report.foliosRestored = preserved;
                case UserStep.KexecFileLoad l -> load(l.kernel());
                case UserStep.KexecLoad l -> load(l.kernel());
                case UserStep.Kexec k -> {
                    report.oracleChecked = true;
                    preserved = report.foliosPreserved;
                    kernel = loaded;
                    report = null;
                }
                case UserStep.PowerOff o -> machine.stop(StopReason.POWER_OFF);
                case UserStep.Halt h -> state = Cpu.State.WAITING;
                case UserStep.Finalize f -> say("finalized");
            }
        }

        private void load(KernelFile k) {
            loaded = k;
            report.loaded.add(new GenerationReport.Segment("kernel", RAM + 0x20_0000, 4096));
        }

        private void say(String line) {
            (line + "\r\n").chars().forEach(firmware.console());
        }

        @Override
        public Machine machine() {
            return machine;
        }

        @Override
        public String symbol(long pc, long time) {
            return "fake+0x" + Long.toHexString(pc);
        }

        @Override
        public void close() {
            machine.close();
        }
    }
}
