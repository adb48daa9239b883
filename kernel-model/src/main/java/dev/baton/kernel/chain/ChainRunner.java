package dev.baton.kernel.chain;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.finding.Finding;
import dev.baton.core.finding.WriterReplay;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;
import dev.baton.kernel.GenerationReport;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Carries out the runs of a chain and says what became of them. A run is a function of its scenario: the machine is driven in
 * equal portions whether anybody watches or not.
 */
public final class ChainRunner {
    /** Instructions between two looks at the clock and the limit; part of the schedule, so the same for every run. */
    private static final long PORTION = 8_000_000;
    /** At offset 0 of a flattened device tree, its size at 4: Devicetree Specification v0.4, 5.2. */
    private static final int FDT_MAGIC = 0xd00dfeed;
    private static final int MAX_DTB = 2 << 20;
    private static final int BRANCHES_SHOWN = 8;

    private final MachineFactory factory;
    private final Progress progress;

    public ChainRunner(MachineFactory factory, Progress progress) {
        this.factory = factory;
        this.progress = progress;
    }

    /** Every run of the document. @throws ChainException for bad input: a file that is missing, a machine that cannot be */
    public List<RunResult> run(ChainFile file) {
        return Scenario.of(file).stream().map(this::run).toList();
    }

    /** @throws ChainException for bad input */
    public RunResult run(Scenario scenario) {
        String missing = ScenarioKernels.missing(scenario);
        if (missing != null) {
            return RunResult.skipped(scenario, missing);
        }
        RunResult result = new Run(scenario).carryOut();
        if (!scenario.expect().deterministic()) {
            return result;
        }
        RunResult again = new Run(scenario).carryOut();
        return result.stateHash() == again.stateHash() ? result : different(result, again);
    }

    private static RunResult different(RunResult r, RunResult again) {
        List<String> failures = new ArrayList<>(r.failures());
        failures.add("two runs ended in different states: 0x%016x after %d instructions, 0x%016x after %d".formatted(r.stateHash(),
                r.instructions(), again.stateHash(), again.instructions()));
        RunResult.Verdict verdict = r.verdict() == RunResult.Verdict.STUCK ? r.verdict() : RunResult.Verdict.FAILED;
        return new RunResult(r.scenario(), verdict, failures, r.generations(), r.findings(), r.exit(), r.stuck(), r.instructions(),
                r.nanos(), r.setupNanos(), r.stateHash());
    }

    /** One run while it lasts. */
    private final class Run {
        private final Scenario scenario;
        private final ConsoleLog console = new ConsoleLog(this::line);
        private final List<RunResult.Turn> turns = new ArrayList<>();
        private final List<String> awaited = new ArrayList<>();
        private GenerationReport current;
        private Bytes currentDtb;
        private int consoleMark;
        private String lastLine = "";
        private MachineFactory.ChainMachine machine;
        private long powerOn;

        Run(Scenario scenario) {
            this.scenario = scenario;
        }

        RunResult carryOut() {
            long begin = System.nanoTime();
            MachineFactory.Workshop workshop = factory.workshop(scenario.machine());
            ScenarioKernels kernels = new ScenarioKernels(scenario, workshop);
            try (MachineFactory.ChainMachine m = workshop.boot(firmware(kernels, console, this::generation))) {
                machine = m;
                powerOn = System.nanoTime();
                m.powerOn();
                Outcome.Exit exit = exit(drive(m.machine()));
                return result(exit, System.nanoTime() - powerOn, powerOn - begin);
            }
        }

        private StopReason drive(Machine m) {
            long left = scenario.machine().limit().value();
            while (true) {
                long portion = Math.min(left, PORTION);
                long before = m.instructions();
                StopReason reason = m.run(portion);
                left -= m.instructions() - before;
                if (reason != StopReason.LIMIT || left <= 0) {
                    return reason;
                }
                report();
            }
        }

        private Finding named(Finding f) {
            String symbol = machine.symbol(f.pc(), f.time());
            return symbol.isEmpty() ? f : f.with("symbol", symbol);
        }

        /** The same run on a new machine, for the replay that looks for a writer. */
        private void again(Consumer<Machine> prepare, long time) {
            MachineFactory.Workshop workshop = factory.workshop(scenario.machine());
            ScenarioKernels kernels = new ScenarioKernels(scenario, workshop);
            try (MachineFactory.ChainMachine twin = workshop.boot(firmware(kernels, octet -> { }, report -> { }))) {
                Machine m = twin.machine();
                prepare.accept(m);
                twin.powerOn();
                long left = scenario.machine().limit().value();
                StopReason reason = StopReason.LIMIT;
                while (reason == StopReason.LIMIT && left > 0 && m.clock().now() < time) {
                    long before = m.instructions();
                    reason = m.run(Math.min(left, PORTION));
                    left -= m.instructions() - before;
                }
            }
        }

        private MachineFactory.Firmware firmware(ScenarioKernels kernels, IntConsumer output, Consumer<GenerationReport> onGeneration) {
            KernelEntry first = scenario.kernels().get(scenario.generations().getFirst().kernel());
            String cmdline = first.cmdline() == null ? "" : first.cmdline();
            return new MachineFactory.Firmware(kernels.first(), kernels.initrd(first.initrd()), cmdline,
                    kernels.file(scenario.machine().dtb()), output, onGeneration);
        }

        private void report() {
            progress.at(scenario, turns.size() + 1, machine.machine().instructions(), System.nanoTime() - powerOn, lastLine);
        }

        private Outcome.Exit exit(StopReason reason) {
            return switch (reason) {
                case POWER_OFF -> Outcome.Exit.POWER_OFF;
                case RESET -> Outcome.Exit.RESET;
                case REQUESTED -> Outcome.Exit.RUNNING;
                case LIMIT, DEADLOCK, EXCEPTION_LOOP -> Outcome.Exit.STUCK;
            };
        }

        private RunResult result(Outcome.Exit exit, long nanos, long setupNanos) {
            Machine m = machine.machine();
            machine.finish();
            endTurn();
            List<Finding> findings = WriterReplay.explain(m.findings().all(), this::again).stream().map(this::named).toList();
            List<String> failures = Expectations.failures(scenario, exit, turns, findings);
            boolean stuck = exit == Outcome.Exit.STUCK;
            RunResult.Verdict verdict = failures.isEmpty() ? RunResult.Verdict.PASSED
                    : stuck && scenario.expect().exit() != Outcome.Exit.STUCK ? RunResult.Verdict.STUCK : RunResult.Verdict.FAILED;
            return new RunResult(scenario, verdict, failures, turns, findings, exit, stuck ? stuckReport(m) : List.of(),
                    m.instructions(), nanos, setupNanos, scenario.expect().deterministic() ? m.stateHash() : 0);
        }

        // Generations ---------------------------------------------------------------------------------------------------

        private void generation(GenerationReport report) {
            GenerationReport previous = current;
            if (previous != null) {
                endTurn();
            }
            current = report;
            consoleMark = console.mark();
            awaited.clear();
            if (report.number <= scenario.generations().size()) {
                for (Step s : scenario.generations().get(report.number - 1).steps()) {
                    if (s instanceof Step.Await(String text)) {
                        awaited.add(text);
                    }
                }
            }
            currentDtb = dtb(report);
            report();
        }

        private void endTurn() {
            if (current == null) {
                return;
            }
            turns.add(new RunResult.Turn(current, console.between(consoleMark, console.mark()), currentDtb, memoryFailures()));
            current = null;
        }

        private void line(String text) {
            lastLine = text;
            if (!awaited.isEmpty() && text.contains(awaited.getFirst())) {
                awaited.removeFirst();
                if (awaited.isEmpty()) {
                    machine.machine().stop(StopReason.REQUESTED);
                }
            }
        }

        /** The tree at x0, as far as it says that it is one. */
        private Bytes dtb(GenerationReport report) {
            Long at = report.entryState.get("x0");
            Ram ram = at == null ? null : machine.machine().bus().ram(at);
            if (ram == null || !ram.contains(at + 7)) {
                return null;
            }
            byte[] head = peek(ram, at, 8, View.POC);
            int magic = ByteBuffer.wrap(head).getInt(0);
            int size = ByteBuffer.wrap(head).getInt(4);
            boolean tree = magic == FDT_MAGIC && size > 0 && size <= MAX_DTB && ram.contains(at + size - 1);
            return tree ? Bytes.wrap(peek(ram, at, size, View.POC)) : null;
        }

        private byte[] peek(Ram ram, long at, int n, View view) {
            byte[] b = new byte[n];
            ram.peek(at, b, 0, n, view);
            return b;
        }

        private List<String> memoryFailures() {
            List<String> failures = new ArrayList<>();
            boolean asked = current.number <= scenario.generations().size();
            Generation.Expect e = asked ? scenario.generations().get(current.number - 1).expect() : null;
            if (e == null || e.memory() == null) {
                return failures;
            }
            for (Generation.MemoryBytes want : e.memory()) {
                long at = want.at().value();
                int n = want.bytes().value().length();
                Ram ram = machine.machine().bus().ram(at);
                View view = want.view() == Generation.MemoryView.CACHED ? View.CACHED : View.POC;
                if (ram == null || n > 0 && !ram.contains(at + n - 1)) {
                    failures.add("memory at %s: expected RAM".formatted(want.at()));
                } else {
                    HexBytes found = new HexBytes(Bytes.wrap(peek(ram, at, n, view)));
                    if (!found.equals(want.bytes())) {
                        failures.add("memory at %s: expected %s, found %s".formatted(want.at(), want.bytes(), found));
                    }
                }
            }
            return failures;
        }

        // Stuck ---------------------------------------------------------------------------------------------------------

        private String symbol(Machine m, long pc) {
            String symbol = machine.symbol(pc, m.clock().now());
            return symbol.isEmpty() ? "0x" + Long.toHexString(pc) : symbol;
        }

        private List<String> stuckReport(Machine m) {
            List<String> lines = new ArrayList<>();
            for (Cpu c : m.cpus()) {
                lines.add("cpu%d %s at %s: %s".formatted(c.index(), Kebab.text(c.state()), symbol(m, c.register("pc")), c.describe()));
                long[] branches = c.lastBranches();
                for (int i = 0; i + 1 < Math.min(branches.length, 2 * BRANCHES_SHOWN); i += 2) {
                    lines.add("  %s -> %s".formatted(symbol(m, branches[i]), symbol(m, branches[i + 1])));
                }
            }
            if (!awaited.isEmpty()) {
                lines.add("no console line contained '" + awaited.getFirst() + "'");
            }
            lines.add("last console line: " + (lastLine.isEmpty() ? "none" : lastLine));
            return lines;
        }
    }
}
