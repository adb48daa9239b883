package dev.baton.kernel.boot.arm64;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.fdt.Fdt;
import dev.baton.core.finding.DeviceOwnedMemory;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.View;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.mm.EarlyMemory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Compares a machine about to execute the first instruction of the next image with the plan of its load. Changes nothing. */
final class HandOver {
    private static final int LINE = 64;
    private static final int MOST_ROWS = 16;
    private static final int CHUNK = 1 << 16;

    private final Machine machine;
    private final Cpu cpu;
    private final JumpChecks checks;
    private final LaunchPlan oracle;
    private final List<String> rows = new ArrayList<>();
    private long differing;

    HandOver(Machine machine, Cpu cpu, LaunchPlan oracle) {
        this.machine = machine;
        this.cpu = cpu;
        checks = new JumpChecks(machine, cpu);
        this.oracle = oracle;
    }

    /** Memory at the PoC and registers against the plan; rows and a finding if they differ. */
    void check(GenerationReport report) {
        oracle.registers().forEach(this::compareRegister);
        oracle.segments().forEach(this::compare);
        oracle.segments().forEach(s -> checks.atPoc(s.label(), s.address(), s.size()));
        checks.otherCpus();
        report.oracleChecked = true;
        report.oracleDifferences.addAll(rows);
        if (differing > rows.size()) {
            report.oracleDifferences.add("… and %d more lines".formatted(differing - rows.size()));
        }
        if (!rows.isEmpty()) {
            Map<String, String> details = new LinkedHashMap<>();
            for (int i = 0; i < rows.size(); i++) {
                details.put("row" + (i + 1), rows.get(i));
            }
            checks.report("hand-over-differs",
                    "at the jump memory (PoC) or registers are not what was loaded: %d rows differ".formatted(differing), details,
                    "LaunchPlan of the load; Documentation/arch/arm64/booting.rst, section 4");
        }
    }

    /** What the plan has put into memory for the next kernel. */
    static List<DeviceOwnedMemory.Area> loaded(LaunchPlan plan) {
        return plan.segments().stream().map(s -> new DeviceOwnedMemory.Area(s.label(), s.address(), s.size())).toList();
    }

    /** What the next kernel's tree reserves. */
    static List<DeviceOwnedMemory.Area> reserved(LaunchPlan plan) {
        return plan.segments().stream().filter(s -> s.label().equals("dtb")).map(s -> Fdt.of(s.bytes().array()))
                .flatMap(tree -> EarlyMemory.firmwareReserved(tree).stream())
                .map(r -> new DeviceOwnedMemory.Area("reserved", r.start(), r.size())).toList();
    }

    private void compareRegister(String name, long expected) {
        long found = cpu.register(name);
        if (found != expected) {
            row("register %s expected 0x%x found 0x%x".formatted(name, expected, found));
        }
    }

    private void compare(LaunchPlan.Segment s) {
        byte[] memory = new byte[CHUNK];
        byte[] expected = new byte[CHUNK];
        for (long done = 0; done < s.size(); done += CHUNK) {
            int n = (int) Math.min(CHUNK, s.size() - done);
            fill(expected, s, done, n);
            if (!machine.bus().peek(s.address() + done, memory, 0, n, View.POC)) {
                row("%s +0x%x: 0x%x is not RAM".formatted(s.label(), done, s.address() + done));
            } else if (!Arrays.equals(memory, 0, n, expected, 0, n)) {
                compareLines(s, done, memory, expected, n);
            }
        }
    }

    private static void fill(byte[] expected, LaunchPlan.Segment s, long from, int n) {
        int have = Math.clamp(s.bytes().length() - from, 0, n);
        if (have > 0) {
            System.arraycopy(s.bytes().array(), (int) from, expected, 0, have);
        }
        Arrays.fill(expected, have, n, (byte) 0);
    }

    private void compareLines(LaunchPlan.Segment s, long from, byte[] memory, byte[] expected, int n) {
        for (int line = 0; line < n; line += LINE) {
            int end = Math.min(n, line + LINE);
            int at = Arrays.mismatch(memory, line, end, expected, line, end);
            if (at >= 0) {
                int first = line + at;
                int bytes = Math.min(8, end - first);
                row("%s +0x%x (0x%x): expected %s found %s".formatted(s.label(), from + first, s.address() + from + first,
                        hex(expected, first, bytes), hex(memory, first, bytes)));
            }
        }
    }

    private static String hex(byte[] b, int at, int n) {
        return java.util.HexFormat.of().formatHex(b, at, at + n);
    }

    private void row(String text) {
        differing++;
        if (rows.size() < MOST_ROWS) {
            rows.add(text);
        }
    }
}
