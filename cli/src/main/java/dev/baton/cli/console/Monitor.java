package dev.baton.cli.console;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** The few commands that people type after Ctrl-A c. */
public final class Monitor {
    private static final String PROMPT = "(baton) ";
    private static final int LONGEST = 200;
    private static final int BACKSPACE = 8;
    private static final int DELETE = 0x7f;
    private static final int REGISTERS_A_LINE = 4;

    private final Machine machine;
    private final PrintStream out;
    private final Runnable quit;
    private final Runnable powerKey;
    private final StringBuilder line = new StringBuilder();
    private boolean focused;

    /** @param powerKey presses it */
    public Monitor(Machine machine, PrintStream out, Runnable quit, Runnable powerKey) {
        this.machine = machine;
        this.out = out;
        this.quit = quit;
        this.powerKey = powerKey;
    }

    /** Keys are for the monitor. */
    public boolean focused() {
        return focused;
    }

    public void switchFocus() {
        focused = !focused;
        line.setLength(0);
        out.print(focused ? "\nBaton monitor, 'help' for help, Ctrl-A c to go back\n" + PROMPT : "\n");
        out.flush();
    }

    /** What the escape key is good for. */
    public void keys() {
        out.print("""

                Ctrl-A h    this help
                Ctrl-A x    quit
                Ctrl-A c    monitor, and back
                Ctrl-A Ctrl-A    Ctrl-A itself
                """);
        out.flush();
    }

    public void key(byte b) {
        if (b == '\r' || b == '\n') {
            out.println();
            String command = line.toString().strip();
            line.setLength(0);
            execute(command);
            out.print(focused ? PROMPT : "");
        } else if ((b == BACKSPACE || b == DELETE) && !line.isEmpty()) {
            line.setLength(line.length() - 1);
            out.print("\b \b");
        } else if (b >= ' ' && b < DELETE && line.length() < LONGEST) {
            line.append((char) b);
            out.print((char) b);
        }
        out.flush();
    }

    private void execute(String command) {
        switch (command) {
            case "" -> { }
            case "q", "quit" -> quit.run();
            case "system_powerdown" -> powerKey.run();
            case "system_reset" -> machine.stop(StopReason.RESET);
            case "info registers" -> registers();
            case "info findings" -> findings();
            case "help", "?" -> out.print("""
                    info registers    of every CPU
                    info findings     what the checks found so far
                    system_powerdown  as the power key: a guest that listens powers itself off
                    system_reset      as the reset button
                    quit              end the run
                    """);
            default -> out.println("unknown command '" + command + "'; see 'help'");
        }
    }

    private void registers() {
        for (Cpu c : machine.cpus()) {
            out.println(c.describe());
            List<String> names = c.registerNames();
            for (int i = 0; i < names.size(); i++) {
                out.printf(Locale.ROOT, "%6s=%016x%s", names.get(i), c.register(names.get(i)),
                        i % REGISTERS_A_LINE == REGISTERS_A_LINE - 1 || i == names.size() - 1 ? "\n" : " ");
            }
        }
    }

    private void findings() {
        machine.findings().all().forEach(f -> out.println(f.rule() + ": " + f.what()));
        if (machine.findings().all().isEmpty()) {
            out.println("none");
        }
    }
}
