package dev.baton.cli;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.Machine;
import dev.baton.core.trace.TraceSink;
import dev.baton.devices.board.UnmodelledLog;
import dev.baton.kernel.chain.Reasons;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** {@code -d}: what is told while the machine runs, one line each. Times are virtual, ns. */
final class QemuLog implements AutoCloseable, TraceSink {
    /** Addresses that {@code in_asm} remembers; a guest that runs more code than this is told of twice. */
    private static final int REMEMBERED = 1 << 20;

    private final PrintStream out;
    private final boolean words;
    private final boolean addresses;
    private final boolean registers;
    private final boolean exceptions;
    private final boolean unmodelled;
    private final boolean own;
    private final Set<Long> seen = new HashSet<>();
    private Machine machine;

    private QemuLog(List<String> items, PrintStream out, boolean own) {
        this.out = out;
        this.own = own;
        words = items.contains("in_asm");
        addresses = items.contains("exec");
        registers = items.contains("cpu");
        exceptions = items.contains("int");
        unmodelled = items.contains("unimp") || items.contains("guest_errors");
    }

    /** @param file null for standard error */
    static QemuLog open(List<String> items, Path file, PrintStream err) {
        if (file == null) {
            return new QemuLog(items, err, false);
        }
        try {
            var to = new BufferedOutputStream(Files.newOutputStream(file));
            return new QemuLog(items, new PrintStream(to, false, StandardCharsets.UTF_8), true);
        } catch (IOException e) {
            throw new BadInput("-D " + file + ": cannot be written: " + Reasons.of(e));
        }
    }

    /** Some item needs every instruction. */
    static boolean observes(List<String> items) {
        return items.contains("in_asm") || items.contains("exec") || items.contains("cpu");
    }

    void listen(Machine m, UnmodelledLog log) {
        machine = m;
        if (unmodelled) {
            log.listener(out::println);
        }
        if (exceptions || words || addresses || registers) {
            m.trace(this);
        }
    }

    @Override
    public void instruction(int cpu, long time, long pc, int word) {
        if (words && seen.add(pc ^ (long) word << 32)) {
            out.printf(Locale.ROOT, "0x%08x:  %08x%n", pc, word);
            if (seen.size() == REMEMBERED) {
                seen.clear();
            }
        }
        if (addresses) {
            out.printf(Locale.ROOT, "Trace cpu%d 0x%x after %d ns%n", cpu, pc, time);
        }
        if (registers) {
            registers(machine.cpu(cpu));
        }
    }

    private void registers(Cpu c) {
        StringBuilder line = new StringBuilder("cpu").append(c.index());
        for (String name : c.registerNames()) {
            line.append(String.format(Locale.ROOT, " %s=%x", name, c.register(name)));
        }
        out.println(line);
    }

    @Override
    public void exception(int cpu, long time, long pc, long syndrome, long target) {
        if (exceptions) {
            out.printf(Locale.ROOT, "cpu%d exception at 0x%x, ESR 0x%x, to 0x%x, after %d ns%n", cpu, pc, syndrome, target, time);
        }
    }

    @Override
    public void close() {
        out.flush();
        if (own) {
            out.close();
        }
    }
}
