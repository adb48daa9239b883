package dev.baton.kernel.kexec;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtProperty;
import dev.baton.core.finding.Finding.Severity;
import dev.baton.kernel.KernelServices;
import dev.baton.kernel.kho.Kho;
import dev.baton.kernel.kho.KhoChosen;
import dev.baton.kernel.mm.EarlyMemory;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PhysRange;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the kernel does not look at when it loads an image, and what goes wrong later because of it. */
final class KexecChecks {
    private static final String CORE = "kernel/kexec_core.c (7.2): the copy runs in the order of the list";

    private final KernelServices kernel;
    private final Memblock memblock;
    private final Kho kho;

    KexecChecks(KernelServices kernel, Memblock memblock, Kho kho) {
        this.kernel = kernel;
        this.memblock = memblock;
        this.kho = kho;
    }

    /** Each destination against what must outlive the copy. */
    void destinations(Kimage image, Fdt bootDtb) {
        List<PhysRange> firmware = bootDtb == null ? List.of() : EarlyMemory.firmwareReserved(bootDtb);
        for (KexecSegment s : image.segments()) {
            if (s.memsz() == 0) {
                continue;
            }
            if (!memblock.isRegionMemory(s.mem(), s.memsz())) {
                report(s, "kexec-destination-not-ram", "lies outside this machine's memory", s.range(),
                        "kernel/kexec_core.c sanity_check_segment_list (7.2) does not look: it is the loader's job");
            }
            against(s, firmware, "kexec-destination-reserved", "overlaps memory that firmware reserved",
                    "DT spec 0.4 section 3.5 and 5.3: such memory is not to be used");
            against(s, image.controlPages(), "kexec-destination-covers-control-page", "covers a control page of this image", CORE);
            against(s, image.listPages(), "kexec-destination-covers-list", "covers a page of this image's own list", CORE);
            against(s, kho.preserved(), "kho-preserved-in-destination", "overlaps memory preserved for the next kernel",
                    "Documentation/admin-guide/mm/kho.rst: the next kernel is placed in scratch, away from preserved memory");
            for (Kho.Metadata m : kho.metadata()) {
                against(s, List.of(m.range()), "kho-metadata-in-destination", "covers the " + m.what() + " that the next kernel reads",
                        "kernel/liveupdate/kexec_handover.c (7.2): metadata is not a segment and must outlive the copy");
            }
        }
    }

    private void against(KexecSegment s, List<PhysRange> ranges, String rule, String what, String source) {
        for (PhysRange r : ranges) {
            if (s.range().overlaps(r)) {
                report(s, rule, what, r, source);
            }
        }
    }

    private void report(KexecSegment s, String rule, String what, PhysRange other, String source) {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("segment", s.label());
        details.put("destination", s.range().toString());
        details.put("range", other.toString());
        kernel.report(rule + kernel.generation() + s.range() + other, rule, Severity.ERROR,
                "segment '%s' at %s %s %s".formatted(s.label(), s.range(), what, other), details, source);
    }

    /** The tree for the next kernel: every KHO property must hold one range, or the reader ignores the handover without a word. */
    void khoProperties(Fdt inherited, Fdt next) {
        for (String name : List.of(KhoChosen.FDT, KhoChosen.SCRATCH)) {
            KhoChosen.property(next, name).filter(p -> p.length() != KhoChosen.expectedLength(next))
                    .ifPresent(p -> doubled(inherited, next, name, p));
        }
    }

    private void doubled(Fdt inherited, Fdt next, String name, FdtProperty written) {
        List<KhoChosen.Range> ranges = KhoChosen.ranges(next, written);
        int old = KhoChosen.property(inherited, name).map(p -> KhoChosen.ranges(inherited, p).size()).orElse(0);
        Map<String, String> details = new LinkedHashMap<>();
        details.put("property", "/chosen/" + name);
        details.put("length", "%d bytes, readers expect %d".formatted(written.length(), KhoChosen.expectedLength(next)));
        for (int i = 0; i < ranges.size(); i++) {
            String origin = i < old ? "inherited from the tree generation %d wrote".formatted(kernel.generation() - 1)
                    : "appended by generation %d".formatted(kernel.generation());
            details.put("range " + (i + 1), ranges.get(i) + " " + origin);
        }
        kernel.report("kho-chosen-doubled" + kernel.generation() + name, "kho-chosen-doubled", Severity.ERROR,
                "generation %d hands on %s with %d ranges, %s and %s: the next kernel will find no handover".formatted(kernel.generation(),
                        name, ranges.size(), ranges.getFirst(), ranges.getLast()), details,
                "KHO v5 12/16 review, 2025-04-10: kho_add_chosen must delete before it appends");
    }

    /** C15: {@code kexec_load} forwards the tree of this kernel's own boot. */
    void staleKhoProperties(Fdt next) {
        KhoChosen.property(next, KhoChosen.FDT).ifPresent(p -> {
            List<KhoChosen.Range> ranges = KhoChosen.ranges(next, p);
            String range = ranges.isEmpty() ? "nothing whole" : ranges.getFirst().toString();
            kernel.report("kho-chosen-stale" + kernel.generation(), "kho-chosen-stale", Severity.ERROR,
                    "the tree given to kexec_load still carries %s of generation %d's own boot: the next kernel would revive stale state"
                            .formatted(KhoChosen.FDT, kernel.generation()),
                    Map.of("property", "/chosen/" + KhoChosen.FDT, "range", range),
                    "drivers/of/kexec.c (7.2) deletes it only for kexec_file_load; kexec-tools 2.0.32 forwards /sys/firmware/fdt");
        });
    }
}
