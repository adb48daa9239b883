package dev.baton.arm64;

import dev.baton.core.trace.TraceHash;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The CPU's registers by the architecture's names, in lower case. */
final class RegisterNames {
    static final List<String> GENERAL = general();

    private RegisterNames() { }

    private static List<String> general() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 31; i++) {
            names.add("x" + i);
        }
        names.addAll(List.of("sp", "pc", "pstate"));
        return List.copyOf(names);
    }

    private static int number(String name) {
        if (name.length() < 2 || name.length() > 3 || name.charAt(0) != 'x') {
            return -1;
        }
        int n = 0;
        for (int i = 1; i < name.length(); i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            n = 10 * n + digit;
        }
        return n <= 30 ? n : -1;
    }

    static long read(Arm64Cpu c, String name) {
        int n = number(name);
        if (n >= 0) {
            return c.x[n];
        }
        return switch (name) {
            case "sp" -> c.x[Arm64Cpu.SP];
            case "pc" -> c.pc();
            case "pstate" -> ProcessState.of(c);
            case "el" -> c.el;
            default -> c.sysregs.readByName(name);
        };
    }

    static void write(Arm64Cpu c, String name, long value) {
        int n = number(name);
        if (n >= 0) {
            c.x[n] = value;
            return;
        }
        switch (name) {
            case "sp" -> c.x[Arm64Cpu.SP] = value;
            case "pc" -> c.branchTo(value);
            case "pstate" -> ProcessState.set(c, value);
            default -> c.sysregs.writeByName(name, value);
        }
    }

    static long hash(Arm64Cpu c) {
        long h = 0;
        for (int i = 0; i <= Arm64Cpu.SP; i++) {
            h = TraceHash.mix(h, c.x[i]);
        }
        for (long half : c.v) {
            h = TraceHash.mix(h, half);
        }
        h = TraceHash.mix(TraceHash.mix(h, c.pc()), ProcessState.of(c));
        for (int i = 0; i < c.spBank.length; i++) {
            h = TraceHash.mix(h, c.sp(i));
        }
        return TraceHash.mix(h, c.sysregs.hash());
    }

    static String describe(Arm64Cpu c) {
        return String.format(Locale.ROOT, "cpu%d %s EL%d pc=0x%x lr=0x%x sp=0x%x pstate=0x%x after %d instructions%s", c.index(),
                c.state().name().toLowerCase(Locale.ROOT), c.el, c.pc(), c.x[30], c.x[Arm64Cpu.SP], ProcessState.of(c), c.instructions(),
                c.activity().isEmpty() ? "" : ", " + c.activity());
    }
}
