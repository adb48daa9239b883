package dev.baton.kernel.boot.arm64;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.View;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What must be true whenever one kernel jumps to the next, be they modelled or real. Changes nothing.
 *
 * @param cpu the one that jumps, right before the first instruction of the next kernel
 */
public record JumpChecks(Machine machine, Cpu cpu) {
    private static final int CHUNK = 1 << 16;

    /** Lines over what was loaded that caches hold with other bytes than memory has: the next kernel will hit them. */
    public void atPoc(String label, long address, long size) {
        byte[] cached = new byte[CHUNK];
        byte[] poc = new byte[CHUNK];
        for (long done = 0; done < size; done += CHUNK) {
            int n = (int) Math.min(CHUNK, size - done);
            machine.bus().peek(address + done, cached, 0, n, View.CACHED);
            machine.bus().peek(address + done, poc, 0, n, View.POC);
            int at = Arrays.mismatch(cached, 0, n, poc, 0, n);
            if (at >= 0) {
                int end = Math.min(n, at + 8);
                Map<String, String> details = new LinkedHashMap<>();
                details.put("segment", label);
                details.put("pa", "0x%x".formatted(address + done + at));
                details.put("cached", HexFormat.of().formatHex(cached, at, end));
                details.put("poc", HexFormat.of().formatHex(poc, at, end));
                report("boot-protocol-image-not-at-poc", "at the jump caches hold other bytes of the %s than memory has, first at 0x%x"
                        .formatted(label, address + done + at), details,
                        "Documentation/arch/arm64/booting.rst, section 4: \"must be cleaned "
                        + "to the PoC\"; the I-cache and D-cache must hold no stale lines of it");
                return;
            }
        }
    }

    /** Whoever still executes the old kernel executes memory that is the next kernel's. */
    public void otherCpus() {
        for (Cpu other : machine.cpus()) {
            if (other.index() != cpu.index() && other.state() != Cpu.State.OFF) {
                report("hand-over-cpu-not-off", "CPU %d is not off at the jump: %s".formatted(other.index(), other.describe()), Map.of(),
                        "arch/arm64/kernel/machine_kexec.c, machine_kexec: BUG_ON(num_online_cpus() > 1)");
            }
        }
    }

    /** An error, found now by the CPU that jumps. */
    public void report(String rule, String what, Map<String, String> details, String source) {
        machine.findings().report(rule + " " + what + " " + machine.clock().now(),
                new Finding(rule, Finding.Severity.ERROR, what, cpu.index(), cpu.pc(), machine.clock().now(), details, source));
    }
}
