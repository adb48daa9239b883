package dev.baton.kernel.boot.arm64;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.cpu.GuestFault;
import dev.baton.core.cpu.ModelCalls;
import dev.baton.core.finding.DeviceOwnedMemory;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.images.guest.GuestAction;
import dev.baton.images.guest.GuestKernel;
import dev.baton.images.guest.ModelCallNumber;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.UserStep.KernelFile;
import dev.baton.kernel.UserStep.KernelSpec;
import dev.baton.kernel.kexec.KexecCore;
import dev.baton.kernel.kexec.KexecPlan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Answers the model calls of a machine's CPUs: knows every modelled kernel of a chain by its id, runs the one that is booted, and
 * watches each jump to the next kernel, modelled or real.
 *
 * <p>Across a jump nothing is carried over but the specifications: which kernel starts, and what it finds, is in guest memory.
 */
public final class KernelHost implements ModelCalls, Stateful {
    private final CurrentCpu current = new CurrentCpu();
    private final Map<Long, KernelSpec> registry = new LinkedHashMap<>();
    private final List<GenerationReport> reports = new ArrayList<>();
    private final CodePlaces places = new CodePlaces();
    private Machine machine;
    private DeviceOwnedMemory owned;
    private ModelledKernel kernel;
    /** The CPU that leaves, once the answer that makes it leave was given; null otherwise. */
    private Cpu leaving;
    /** The last report is of a kernel that was entered and has not called yet. */
    private boolean entered;
    private long instructionsAtStart;
    private Consumer<GenerationReport> onGeneration = report -> { };

    /** Told when a kernel starts, modelled or real; its report fills while it runs. */
    public void onGeneration(Consumer<GenerationReport> listener) {
        onGeneration = listener;
    }

    /** The machine whose CPUs were made with this host as their {@link ModelCalls}. Once, before it runs. */
    public void attach(Machine m) {
        machine = m;
        owned = new DeviceOwnedMemory(m);
        m.part("modelled-kernels", this);
    }

    /** Gives a specification an id and returns an Image that carries it, to boot or to load. */
    public KernelFile kernelFile(KernelSpec spec) {
        long id = registry.size() + 1L;
        registry.put(id, spec);
        return new KernelFile("modelled %s '%s'".formatted(spec.era(), spec.name()), GuestKernel.image(id), spec);
    }

    /** One report per generation, in order; the last one is complete after {@link #finish}. */
    public List<GenerationReport> reports() {
        return List.copyOf(reports);
    }

    /** Memory in use by the running modelled kernel; null before it has an allocator, and for real kernels. */
    public KexecCore.Account account() {
        return kernel == null ? null : kernel.account();
    }

    /** A real kernel is started by firmware: its generation begins here. */
    public void bootedByFirmware(String label, Cpu cpu) {
        begin(label, EntryState.of(cpu));
    }

    /** The run is over: completes the last report. */
    public void finish() {
        end();
    }

    /**
     * {@code name+0x… [kernel]} of an address in modelled code as it lies now, virtual or physical, in an image or a copy; ""
     * elsewhere.
     */
    public String symbol(long address) {
        return symbol(address, machine.clock().now());
    }

    /** As {@link #symbol(long)}, at an earlier time: that of a finding. */
    public String symbol(long pc, long time) {
        return places.name(pc, time);
    }

    // Model calls

    @Override
    public boolean call(Cpu cpu, int number) {
        current.set(cpu);
        try {
            return answer(cpu, number);
        } catch (GuestFault e) {
            return die(cpu, number, "Unable to handle kernel paging request at virtual address %016x: %s"
                    .formatted(e.address(), e.getMessage()));
        } catch (KernelError e) {
            return die(cpu, number, "Failed to boot: -" + e.errno());
        }
    }

    private boolean answer(Cpu cpu, int number) {
        switch (number) {
            case ModelCallNumber.START_KERNEL -> startKernel(cpu);
            case ModelCallNumber.BOOT_FAILURE ->
                    report().errors.add("CPU %d cannot run this kernel: %s".formatted(cpu.index(), cpu.describe()));
            case ModelCallNumber.SECONDARY_OFFLINE -> {
                // The CPU_OFF that follows is all there is to see.
            }
            default -> {
                return kernel != null && kernelCall(cpu, number);
            }
        }
        return true;
    }

    private boolean kernelCall(Cpu cpu, int number) {
        if (number == ModelCallNumber.RUN) {
            Answer answer = kernel.run(cpu.argument(0), cpu.argument(1));
            answer.into(cpu);
            if (answer.action() == GuestAction.KEXEC_RELOCATE || answer.action() == GuestAction.KEXEC_SOFT_RESTART) {
                kernel.copies((page, routine) -> places.copy(machine.clock().now(), page, routine, report().kernel));
                watch(cpu);
            }
            return true;
        }
        if (number == ModelCallNumber.SECONDARY_START) {
            kernel.secondaryStart(cpu);
            return true;
        }
        int vector = number - ModelCallNumber.EXCEPTION;
        if (vector >= 0 && vector < 32) {
            kernel.exception(vector & 15, vector >= 16);
            return true;
        }
        return false;
    }

    /** The model itself hit something: the kernel's own panic. The CPU halts with its next question. */
    private boolean die(Cpu cpu, int number, String why) {
        if (kernel == null) {
            report().errors.add(why);
            return false;
        }
        kernel.panicked(why);
        if (number == ModelCallNumber.RUN) {
            kernel.run(0, 0).into(cpu);
        }
        return true;
    }

    private void startKernel(Cpu cpu) {
        BootImage image = new BootImage(cpu.argument(2));
        EntryState entry = EntryState.saved(cpu, image.phys(), cpu.argument(5));
        KernelSpec spec = registry.get(cpu.argument(1));
        String label = spec == null ? "unknown" : spec.name();
        if (entered && report().entryState.get("image") == image.phys()) {
            entered = false;
        } else {
            begin(label, entry);
        }
        places.kernel(report().startTime, image, label);
        if (!report().kernel.equals(label)) {
            report().errors.add("the image that was loaded as '%s' says that it is '%s'".formatted(report().kernel, label));
        }
        if (spec == null) {
            report().errors.add("the image at 0x%x carries model id %d, which no kernel of this chain has"
                    .formatted(image.phys(), cpu.argument(1)));
            kernel = null;
            return;
        }
        kernel = new ModelledKernel(new Kernel(machine, current, spec, report(), image, cpu.argument(3), entry));
        kernel.startKernel();
    }

    // Generations

    private GenerationReport report() {
        if (reports.isEmpty()) {
            reports.add(new GenerationReport(1, "unknown"));
        }
        return reports.getLast();
    }

    /** Time and instructions of the first generation count from power-on: its entry code ran before it called. */
    private void begin(String label, EntryState entry) {
        end();
        GenerationReport next = new GenerationReport(reports.size() + 1, label);
        entry.into(next.entryState);
        if (!reports.isEmpty()) {
            next.startTime = machine.clock().now();
            instructionsAtStart = machine.instructions();
        }
        reports.add(next);
        onGeneration.accept(next);
    }

    private void end() {
        if (!reports.isEmpty() && reports.getLast().endTime == 0) {
            GenerationReport last = reports.getLast();
            last.endTime = machine.clock().now();
            last.instructions = machine.instructions() - instructionsAtStart;
        }
    }

    // The jump

    private void watch(Cpu cpu) {
        leaving = cpu;
        report().allocatedBytes = kernel.account().used();
        report().reservedBytes = kernel.account().reserved();
        LaunchPlan oracle = report().oracle;
        cpu.callBefore(oracle.registers().get("pc"), () -> arrived(cpu, oracle));
    }

    private void arrived(Cpu cpu, LaunchPlan oracle) {
        new HandOver(machine, cpu, oracle).check(report());
        owned.handOver(cpu, reports.size() + 1, HandOver.loaded(oracle), HandOver.reserved(oracle));
        kernel = null;
        long image = kernelSegment(oracle).address();
        if (image == cpu.pc()) {
            enter(cpu);
        } else {
            cpu.callBefore(image, () -> enter(cpu));
        }
    }

    private static LaunchPlan.Segment kernelSegment(LaunchPlan plan) {
        return plan.segments().stream().filter(s -> s.label().equals("kernel")).findFirst().orElse(plan.segments().getFirst());
    }

    /** The next kernel's first instruction. */
    private void enter(Cpu cpu) {
        leaving = null;
        String label = report().nextKernel;
        EntryState entry = EntryState.of(cpu);
        begin(label, entry);
        entered = true;
        new BootProtocol(machine, cpu.index(), entry).checkRegisters();
    }

    // Snapshot

    @Override
    public void save(StateWriter out) {
        out.section("kernel-host").u32(reports.size()).flag(entered).u64(instructionsAtStart).u32(leaving == null ? -1 : leaving.index());
        places.save(out);
        out.flag(kernel != null);
        if (kernel != null) {
            kernel.kernel().saveIdentity(out, idOf(kernel.kernel().spec));
            kernel.save(out);
        }
    }

    private long idOf(KernelSpec spec) {
        return registry.entrySet().stream().filter(e -> e.getValue() == spec).findFirst().orElseThrow().getKey();
    }

    @Override
    public void load(StateReader in) {
        int count = in.section("kernel-host").u32();
        while (reports.size() > count) {
            reports.removeLast();
        }
        while (reports.size() < count) {
            reports.add(new GenerationReport(reports.size() + 1, "restored"));
        }
        entered = in.flag();
        instructionsAtStart = in.u64();
        int leaver = in.u32();
        places.load(in);
        kernel = null;
        leaving = null;
        if (in.flag()) {
            kernel = new ModelledKernel(Kernel.loadIdentity(in, machine, current, registry, report()));
            kernel.load(in);
        }
        machine.cpus().forEach(c -> c.callBefore(0, null));
        if (leaver >= 0 && kernel != null) {
            report().oracle = KexecPlan.plan(kernel.loadedImage());
            watch(machine.cpu(leaver));
        }
    }
}
