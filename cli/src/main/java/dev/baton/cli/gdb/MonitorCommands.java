package dev.baton.cli.gdb;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;

import java.util.HexFormat;
import java.util.function.Supplier;

/** What {@code monitor} in GDB offers: what Baton knows and GDB has no words for. */
public final class MonitorCommands {
    private static final int HALF = Ram.LINE / 2;
    private static final String HELP = """
            stage            which kernel runs
            tlb ADDRESS      translation of a virtual address by the selected CPU
            cache ADDRESS    the cache line of a virtual address, in both views
            cachep ADDRESS   the same of a physical address
            findings         what the checks found so far
            system_reset     as the reset button
            help             this
            """;

    private final Machine machine;
    private final Target target;
    private final Supplier<String> stage;

    /** @param stage one line that says which kernel runs */
    public MonitorCommands(Machine machine, Target target, Supplier<String> stage) {
        this.machine = machine;
        this.target = target;
        this.stage = stage;
    }

    /** @return what is to be shown, whole lines */
    String execute(String command, Cpu cpu) {
        String[] words = command.split("\\s+", 2);
        return switch (words[0]) {
            case "stage" -> stage.get() + "\n";
            case "tlb" -> address(words, va -> target.translation(cpu, va) + "\n");
            case "cache" -> address(words, va -> cache(va, target.physical(cpu, va)));
            case "cachep" -> address(words, pa -> cache(pa, pa));
            case "findings" -> findings();
            case "system_reset" -> reset();
            case "help", "" -> HELP;
            default -> "unknown command '" + words[0] + "'; there are\n" + HELP;
        };
    }

    private String reset() {
        machine.stop(StopReason.RESET);
        return "reset\n";
    }

    private static String address(String[] words, java.util.function.LongFunction<String> answer) {
        String text = words.length < 2 ? "" : words[1].strip();
        try {
            String hex = text.startsWith("0x") ? text.substring(2) : text;
            return answer.apply(Long.parseUnsignedLong(hex, 16));
        } catch (NumberFormatException e) {
            return words[0] + ": expected a hexadecimal address, found '" + text + "'\n";
        }
    }

    private String cache(long asked, long pa) {
        Ram ram = pa == -1 ? null : machine.bus().ram(pa);
        if (ram == null) {
            return "0x%x is not in RAM%n".formatted(asked);
        }
        long line = pa & -Ram.LINE;
        String state = ram.dirty(line) ? "dirty" : ram.mayBePresent(line) ? "may be cached, clean" : "not cached";
        return "line 0x%x of 0x%x: %s%n".formatted(line, asked, state) + view(ram, line, View.CACHED, "caches") + view(ram, line, View.POC,
                "memory");
    }

    private static String view(Ram ram, long line, View view, String name) {
        byte[] bytes = new byte[Ram.LINE];
        ram.peek(line, bytes, 0, Ram.LINE, view);
        HexFormat hex = HexFormat.of();
        return "  %-7s %s%n          %s%n".formatted(name, hex.formatHex(bytes, 0, HALF), hex.formatHex(bytes, HALF, Ram.LINE));
    }

    private String findings() {
        StringBuilder b = new StringBuilder();
        for (Finding f : machine.findings().all()) {
            b.append(f.rule()).append(": ").append(f.what()).append('\n');
            f.details().forEach((name, value) -> b.append("    ").append(name).append(' ').append(value).append('\n'));
        }
        return b.isEmpty() ? "none\n" : b.toString();
    }
}
