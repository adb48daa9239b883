package dev.baton.kernel.follow;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.fdt.FdtProperty;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.View;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.boot.arm64.BootProtocol;
import dev.baton.kernel.boot.arm64.EntryState;
import dev.baton.kernel.kho.KhoChosen;
import dev.baton.kernel.mm.PhysRange;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What must be true when one kernel has handed over to the next, right before the first instruction of the next. */
final class EntryChecks {
    static final String BOOTING = "Documentation/arch/arm64/booting.rst, section 4";
    private static final int CHUNK = 1 << 16;

    private final Machine machine;
    private final Cpu cpu;
    private final FollowedKernel next;
    private final EntryState entry;

    EntryChecks(Machine machine, Cpu cpu, FollowedKernel next, EntryState entry) {
        this.machine = machine;
        this.cpu = cpu;
        this.next = next;
        this.entry = entry;
    }

    void check() {
        BootProtocol protocol = new BootProtocol(machine, cpu.index(), entry);
        protocol.checkRegisters();
        if (next.tree() == null) {
            report("boot-protocol-dtb", "x0 = 0x%x holds no device tree".formatted(entry.dtb()), Map.of(), BOOTING);
        } else {
            protocol.checkDtb(next.tree().totalSize());
            chosen(KhoChosen.FDT);
            chosen(KhoChosen.SCRATCH);
        }
        next.report().loaded.forEach(this::atPoc);
        otherCpus();
        if (next.kho() != null) {
            preserved();
        }
    }

    private void chosen(String name) {
        int expected = KhoChosen.expectedLength(next.tree());
        for (FdtProperty p : KhoChosen.property(next.tree(), name).stream().toList()) {
            if (p.length() != expected) {
                report("kho-chosen-ignored", "/chosen %s has %d bytes, expected %d: the kernel ignores its handover without a word"
                        .formatted(name, p.length(), expected), Map.of("ranges", KhoChosen.ranges(next.tree(), p).toString()),
                        "drivers/of/fdt.c, early_init_dt_check_kho");
            }
        }
    }

    /** The next kernel hits lines that caches hold with other bytes than it was loaded with. */
    private void atPoc(GenerationReport.Segment s) {
        byte[] cached = new byte[CHUNK];
        byte[] poc = new byte[CHUNK];
        for (long done = 0; done < s.size(); done += CHUNK) {
            int n = (int) Math.min(CHUNK, s.size() - done);
            machine.bus().peek(s.address() + done, cached, 0, n, View.CACHED);
            machine.bus().peek(s.address() + done, poc, 0, n, View.POC);
            int at = Arrays.mismatch(cached, 0, n, poc, 0, n);
            if (at >= 0) {
                Map<String, String> details = new LinkedHashMap<>();
                details.put("segment", s.label());
                details.put("pa", "0x%x".formatted(s.address() + done + at));
                details.put("cached", hex(cached, at, n));
                details.put("poc", hex(poc, at, n));
                report("boot-protocol-image-not-at-poc", "at the jump caches hold other bytes of the %s than memory has, first at 0x%x"
                        .formatted(s.label(), s.address() + done + at), details, BOOTING + ": \"must be cleaned to the PoC\"");
                return;
            }
        }
    }

    private static String hex(byte[] b, int at, int n) {
        return HexFormat.of().formatHex(b, at, Math.min(n, at + 8));
    }

    private void otherCpus() {
        for (Cpu other : machine.cpus()) {
            if (other.index() != cpu.index() && other.state() != Cpu.State.OFF) {
                report("hand-over-cpu-not-off", "CPU %d is not off at the jump: %s".formatted(other.index(), other.describe()), Map.of(),
                        "arch/arm64/kernel/machine_kexec.c, machine_kexec: BUG_ON(num_online_cpus() > 1)");
            }
        }
    }

    private void preserved() {
        if (!next.kho().whole()) {
            // What such a tree says to be preserved is not to be believed either.
            report("kho-map-broken", "the tree of preserved memory that generation %d is given leads to no order or to too many nodes"
                    .formatted(next.report().number), Map.of(), "kernel/liveupdate/kexec_handover.c, kho_radix_walk_tree");
            return;
        }
        for (PhysRange block : next.kho().preserved()) {
            for (GenerationReport.Segment s : next.report().loaded) {
                if (block.overlaps(PhysRange.of(s.address(), s.size()))) {
                    report("kho-preserved-in-destination", "the %s of generation %d lies over %s, which was preserved for it".formatted(
                            s.label(), next.report().number, block), Map.of(), "kernel/liveupdate/kexec_handover.c");
                }
            }
        }
    }

    private void report(String rule, String what, Map<String, String> details, String source) {
        machine.findings().report(rule + " " + what + " " + machine.clock().now(),
                new Finding(rule, Finding.Severity.ERROR, what, cpu.index(), cpu.pc(), machine.clock().now(), details, source));
    }
}
