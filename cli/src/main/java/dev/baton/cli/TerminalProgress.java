package dev.baton.cli;

import dev.baton.kernel.chain.Progress;
import dev.baton.kernel.chain.Scenario;

import java.io.PrintStream;
import java.util.Locale;

/** One line on a terminal that says how the run gets on; gone when the run is. */
final class TerminalProgress implements Progress {
    private static final int WIDTH = 100;
    private static final long INTERVAL = 50_000_000;
    private static final String ERASE = "\r\033[K";

    private final PrintStream err;
    /** When the line was last written, in the host time of the run; a new run starts again at 0. */
    private long shown = -INTERVAL;
    private boolean visible;

    TerminalProgress(PrintStream err) {
        this.err = err;
    }

    @Override
    public void at(Scenario scenario, int generation, long instructions, long nanos, String lastLine) {
        if (nanos >= shown && nanos - shown < INTERVAL) {
            return;
        }
        shown = nanos;
        visible = true;
        String text = String.format(Locale.ROOT, "%s  generation %d/%d  %s instructions  %.0f MIPS  %s", scenario.name(), generation,
                scenario.generations().size(), RunSummary.count(instructions), instructions * 1e3 / Math.max(nanos, 1),
                GuestText.printable(lastLine));
        err.print(ERASE + (text.length() > WIDTH ? text.substring(0, WIDTH) : text));
        err.flush();
    }

    void done() {
        if (visible) {
            err.print(ERASE);
            err.flush();
            visible = false;
        }
    }
}
