package dev.baton.kernel.boot.arm64;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.fdt.Fdt;
import dev.baton.core.finding.DeviceOwnedMemory;
import dev.baton.core.finding.Finding;
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
    private final LaunchPlan oracle;
    private final List<String> rows = new ArrayList<>();
    private long differing;

    HandOver(Machine machine, Cpu cpu, LaunchPlan oracle) {
        this.machine = machine;
        this.cpu = cpu;
        this.oracle = oracle;
    }

    /** Memory at the PoC and registers against the plan; rows and a finding if they differ. */
    void check(GenerationReport report) {
        oracle.registers().forEach(this::compareRegister);
        oracle.segments().forEach(this::compare);
        oracle.segments().forEach(this::compareViews);
        checkOtherCpus();
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
            report("hand-over-differs",
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

    /** Lines over the new image that caches hold with other bytes than memory has: the next kernel will hit them. */
    private void compareViews(LaunchPlan.Segment s) {
        byte[] cached = new byte[CHUNK];
        byte[] poc = new byte[CHUNK];
        for (long done = 0; done < s.size(); done += CHUNK) {
            int n = (int) Math.min(CHUNK, s.size() - done);
            machine.bus().peek(s.address() + done, cached, 0, n, View.CACHED);
            machine.bus().peek(s.address() + done, poc, 0, n, View.POC);
            int at = Arrays.mismatch(cached, 0, n, poc, 0, n);
            if (at >= 0) {
                int bytes = Math.min(8, n - at);
                Map<String, String> details = new LinkedHashMap<>();
                details.put("segment", s.label());
                details.put("pa", "0x%x".formatted(s.address() + done + at));
                details.put("cached", hex(cached, at, bytes));
                details.put("poc", hex(poc, at, bytes));
                report("boot-protocol-image-not-at-poc", "at the jump caches hold other bytes of the %s than memory has, first at 0x%x"
                        .formatted(s.label(), s.address() + done + at), details,
                        "Documentation/arch/arm64/booting.rst, section 4: \"must be cleaned "
                        + "to the PoC\"; the I-cache and D-cache must hold no stale lines of it");
                return;
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

    /** Whoever still executes the old kernel executes memory that is the next kernel's. */
    private void checkOtherCpus() {
        for (Cpu other : machine.cpus()) {
            if (other.index() != cpu.index() && other.state() != Cpu.State.OFF) {
                report("hand-over-cpu-not-off", "CPU %d is not off at the jump: %s".formatted(other.index(), other.describe()), Map.of(),
                        "arch/arm64/kernel/machine_kexec.c, machine_kexec: BUG_ON(num_online_cpus() > 1)");
            }
        }
    }

    private void report(String rule, String what, Map<String, String> details, String source) {
        machine.findings().report(rule + " " + what + " " + machine.clock().now(),
                new Finding(rule, Finding.Severity.ERROR, what, cpu.index(), cpu.pc(), machine.clock().now(), details, source));
    }
}
