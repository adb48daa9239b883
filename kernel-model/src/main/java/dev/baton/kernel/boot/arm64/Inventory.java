package dev.baton.kernel.boot.arm64;

import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.kexec.Kimage;
import dev.baton.kernel.kho.Kho;
import dev.baton.kernel.kho.KhoTree;
import dev.baton.kernel.kho.ScratchArea;
import dev.baton.kernel.mm.PageSize;
import dev.baton.kernel.mm.PhysRange;

/** What lies where when a generation ends, and what it hands on, for its report. */
final class Inventory {
    private Inventory() {
    }

    /** Right before shutdown; nothing is written to guest memory after it but by shutdown itself. */
    static void take(Kernel kernel, Kimage image) {
        GenerationReport report = kernel.report;
        report.areas.clear();
        add(report, "running kernel", new PhysRange(kernel.image.phys(), kernel.image.end()));
        add(report, "device tree", PhysRange.of(kernel.entry.dtb(), kernel.tree.fdt().totalSize()));
        add(report, "mem_map", kernel.memmap.range());
        handover(kernel, report);
        add(report, "kimage", PhysRange.of(image.phys(), PageSize.PAGE_SIZE));
        image.controlPages().forEach(r -> add(report, "control pages", r));
        image.listPages().forEach(r -> add(report, "list pages", r));
        image.segments().forEach(s -> add(report, "next " + s.label(), s.range()));
    }

    private static void handover(Kernel kernel, GenerationReport report) {
        Kho kho = kernel.kho;
        int n = 0;
        for (ScratchArea s : kho.scratch()) {
            add(report, "scratch " + n++, s.range());
        }
        kho.preserved().forEach(r -> add(report, "preserved", r));
        kho.metadata().forEach(m -> add(report, "KHO " + m.what(), m.range()));
        report.khoOutgoing = kho.fdtPhys() == 0 ? "" : KhoTree.print(kernel.memory().read(kho.fdtPhys(), PageSize.PAGE_SIZE));
    }

    private static void add(GenerationReport report, String label, PhysRange range) {
        if (range.size() > 0) {
            report.areas.add(new GenerationReport.Area(label, range.start(), range.size()));
        }
    }
}
