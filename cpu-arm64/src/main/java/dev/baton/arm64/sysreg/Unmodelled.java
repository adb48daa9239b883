package dev.baton.arm64.sysreg;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.finding.Finding;

import java.util.Map;

/** Says once, by name and with the PC, that the guest used something this CPU does not model. */
public final class Unmodelled {
    private final Arm64Cpu cpu;

    Unmodelled(Arm64Cpu cpu) {
        this.cpu = cpu;
    }

    /** @param what e.g. {@code system register S3_0_C15_C0_0}; @param use what the guest did with it */
    public void report(String what, String use) {
        String key = "not-modelled " + what + " cpu" + cpu.index();
        if (cpu.machine.findings().reported(key)) {
            return;
        }
        cpu.machine.findings().report(key, new Finding("not-modelled", Finding.Severity.WARNING,
                "the guest %s %s at EL%d, which is not modelled".formatted(use.equals("written") ? "wrote" : use, what, cpu.el),
                cpu.index(), cpu.pc(), cpu.machine.clock().now(), Map.of("what", what), "docs/arm64-cpu.md"));
    }
}
