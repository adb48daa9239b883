package dev.baton.kernel.follow;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.machine.Machine;
import dev.baton.kernel.boot.arm64.JumpChecks;

import java.util.LinkedHashMap;
import java.util.Map;

/** What must be true of the list that a relocation walks, before its first page is copied and after its last. */
final class RelocationChecks {
    private static final String INVARIANT = "include/linux/kexec.h and kernel/kexec_core.c, kimage_alloc_page: what is still to be read "
            + "is never a destination";

    private final Machine machine;
    private final JumpChecks checks;
    private final PageList list;

    RelocationChecks(Machine machine, Cpu cpu, PageList list) {
        this.machine = machine;
        checks = new JumpChecks(machine, cpu);
        this.list = list;
    }

    /** At the first instruction: nothing that will be needed is going to be overwritten. */
    void begins(Relocation relocation) {
        long code = relocation.code() & -PageList.PAGE;
        if (list.sourceOf(code) != -1) {
            checks.report("relocation-overwrites-itself", "the code that relocates, at 0x%x, lies in a page that it is to copy to"
                    .formatted(relocation.code()), Map.of("source", hex(list.sourceOf(code))), INVARIANT);
        }
        long lost = list.firstLostSource();
        if (lost != -1) {
            Map<String, String> details = new LinkedHashMap<>();
            details.put("page", hex(lost));
            details.put("overwritten from", hex(list.sourceOf(lost)));
            checks.report("relocation-overwrites-source",
                    "the page at 0x%x is copied to before it was copied from".formatted(lost), details, INVARIANT);
        }
    }

    /** The oracle of a real hand-over: at the jump memory holds what the old kernel has loaded. */
    void ended() {
        long at = list.firstDifference(machine.bus());
        if (at != -1) {
            checks.report("hand-over-differs", "at the jump memory (PoC) is not what was loaded, first at 0x%x".formatted(at),
                    Map.of("source", hex(list.sourceOf(at))),
                    "arch/arm64/kernel/relocate_kernel.S, the list of struct kimage; " + EntryChecks.BOOTING);
        }
    }

    private static String hex(long address) {
        return "0x%x".formatted(address);
    }
}
