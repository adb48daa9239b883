package dev.baton.cli;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.finding.Finding;
import dev.baton.core.finding.WriterReplay;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.Ram;
import dev.baton.kernel.follow.Follower;
import dev.baton.kernel.follow.SymbolFile;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** What is told when a booted machine has ended. */
record BootReport(Machine machine, Follower follower, PrintStream err) {
    /** Exit status. */
    static final int STUCK = 3;

    /** @param again how to find the writers of lines; null if the run cannot be repeated */
    void findings(WriterReplay.Rerun again) {
        List<Finding> all = machine.findings().all();
        List<Finding> known = again == null || all.stream().noneMatch(WriterReplay::concernsALine) ? all : withWriters(all, again);
        for (int i = 0; i < all.size(); i++) {
            String at = follower.symbol(all.get(i));
            err.printf("baton: finding %s: %s%s%n", all.get(i).rule(), all.get(i).what(), at.isEmpty() ? "" : " (at " + at + ")");
            RunSummary.details(err, known.get(i));
        }
    }

    private List<Finding> withWriters(List<Finding> all, WriterReplay.Rerun again) {
        err.println("baton: running once more to find who stored what was missed");
        return WriterReplay.explain(all, again, follower::symbol);
    }

    /** Files of symbols that served nobody. */
    void foreignSymbols() {
        for (SymbolFile f : follower.foreignSymbols()) {
            err.printf("baton: %s: of no kernel that ran: expected _end - _text to be the image_size of one, found 0x%x%n", f.name(),
                    f.size());
        }
    }

    /** Each kernel that was entered, if somebody asked or there was more than one. */
    void kernels(boolean asked) {
        follower.ended();
        if (asked || follower.kernels().size() > 1) {
            Ram ram = machine.bus().banks().getFirst();
            new FollowSummary(err, ram.base(), ram.size()).print(follower.kernels());
            memory(ram);
        }
    }

    /** What the guests took of the RAM they had, and what that cost the host; the first is the same in every run, the second is not. */
    private void memory(Ram ram) {
        OptionalLong peak = ProcessMemory.peak("self");
        err.printf("touched  %s of %s%s%n", RunSummary.bytes(ram.touched()), RunSummary.bytes(ram.size()),
                peak.isEmpty() ? "" : "; Baton's process held " + RunSummary.bytes(peak.getAsLong()) + " at most");
    }

    /** Where each CPU is, if they will get no further. */
    void whereIfStuck(StopReason reason) {
        if (stuck(reason)) {
            err.printf("baton: %s%n", follower.stage());
            for (Cpu c : machine.cpus()) {
                err.printf("baton: cpu%d %s at 0x%x %s: %s%n", c.index(), c.state().name().toLowerCase(Locale.ROOT), c.register("pc"),
                        follower.symbol(c), c.describe());
            }
        }
    }

    static boolean stuck(StopReason reason) {
        return reason == StopReason.LIMIT || reason == StopReason.DEADLOCK || reason == StopReason.EXCEPTION_LOOP;
    }

    static String words(StopReason reason) {
        return switch (reason) {
            case POWER_OFF -> "powered off";
            case RESET -> "reset";
            case LIMIT -> "instruction limit reached";
            case DEADLOCK -> "every CPU waits and nothing will wake it";
            case EXCEPTION_LOOP -> "the exception vector raises an exception itself, for ever";
            case REQUESTED -> "stopped";
        };
    }
}
