package dev.baton.kernel.boot.arm64;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** printk: lines with time stamps, kept until a console comes. */
final class KernelLog {
    private final LongSupplier nanoseconds;
    private final List<String> waiting = new ArrayList<>();
    private EarlyConsole console;
    private long consoleVa;

    /** @param nanoseconds since this kernel started */
    KernelLog(LongSupplier nanoseconds) {
        this.nanoseconds = nanoseconds;
    }

    void print(String line) {
        long microseconds = nanoseconds.getAsLong() / 1000;
        String stamped = "[%5d.%06d] %s\n".formatted(microseconds / 1_000_000, microseconds % 1_000_000, line);
        if (console == null) {
            waiting.add(stamped);
        } else {
            console.write(stamped);
        }
    }

    /** The boot console is there, its registers at {@code va}: everything so far goes out. */
    void console(EarlyConsole to, long va) {
        console = to;
        consoleVa = va;
        waiting.forEach(to::write);
        waiting.clear();
    }

    void save(StateWriter out) {
        out.section("log").u64(consoleVa).u32(waiting.size());
        waiting.forEach(out::text);
    }

    void load(StateReader in, CurrentCpu current) {
        consoleVa = in.section("log").u64();
        console = consoleVa == 0 ? null : new EarlyConsole(current, consoleVa);
        waiting.clear();
        for (int n = in.u32(); n > 0; n--) {
            waiting.add(in.text());
        }
    }
}
