package dev.baton.kernel.follow;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.fdt.FdtProperty;
import dev.baton.core.machine.Machine;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.boot.arm64.BootProtocol;
import dev.baton.kernel.boot.arm64.EntryState;
import dev.baton.kernel.boot.arm64.JumpChecks;
import dev.baton.kernel.kho.KhoChosen;
import dev.baton.kernel.mm.PhysRange;

import java.util.Map;

/** What must be true when one kernel has handed over to the next, right before the first instruction of the next. */
final class EntryChecks {
    static final String BOOTING = "Documentation/arch/arm64/booting.rst, section 4";

    private final Machine machine;
    private final Cpu cpu;
    private final JumpChecks checks;
    private final FollowedKernel next;
    private final EntryState entry;

    EntryChecks(Machine machine, Cpu cpu, FollowedKernel next, EntryState entry) {
        this.machine = machine;
        this.cpu = cpu;
        checks = new JumpChecks(machine, cpu);
        this.next = next;
        this.entry = entry;
    }

    void check() {
        BootProtocol protocol = new BootProtocol(machine, cpu.index(), entry);
        protocol.checkRegisters();
        if (next.tree() == null) {
            checks.report("boot-protocol-dtb", "x0 = 0x%x holds no device tree".formatted(entry.dtb()), Map.of(), BOOTING);
        } else {
            protocol.checkDtb(next.tree().totalSize());
            chosen(KhoChosen.FDT);
            chosen(KhoChosen.SCRATCH);
        }
        next.report().loaded.forEach(s -> checks.atPoc(s.label(), s.address(), s.size()));
        checks.otherCpus();
        if (next.kho() != null) {
            preserved();
        }
    }

    private void chosen(String name) {
        int expected = KhoChosen.expectedLength(next.tree());
        for (FdtProperty p : KhoChosen.property(next.tree(), name).stream().toList()) {
            if (p.length() != expected) {
                checks.report("kho-chosen-ignored", "/chosen %s has %d bytes, expected %d: the kernel ignores its handover without a word"
                        .formatted(name, p.length(), expected), Map.of("ranges", KhoChosen.ranges(next.tree(), p).toString()),
                        "drivers/of/fdt.c, early_init_dt_check_kho");
            }
        }
    }

    private void preserved() {
        if (!next.kho().whole()) {
            // What such a tree says to be preserved is not to be believed either.
            checks.report("kho-map-broken",
                    "the tree of preserved memory that generation %d is given leads to no order or to too many nodes"
                    .formatted(next.report().number), Map.of(), "kernel/liveupdate/kexec_handover.c, kho_radix_walk_tree");
            return;
        }
        for (PhysRange block : next.kho().preserved()) {
            for (GenerationReport.Segment s : next.report().loaded) {
                if (block.overlaps(PhysRange.of(s.address(), s.size()))) {
                    checks.report("kho-preserved-in-destination", "the %s of generation %d lies over %s, which was preserved for it"
                            .formatted(s.label(), next.report().number, block), Map.of(), "kernel/liveupdate/kexec_handover.c");
                }
            }
        }
    }
}
