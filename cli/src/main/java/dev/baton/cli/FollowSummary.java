package dev.baton.cli;

import dev.baton.core.fdt.FdtNode;
import dev.baton.core.fdt.FdtProperty;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.chain.Size;
import dev.baton.kernel.follow.FollowedKernel;
import dev.baton.kernel.follow.Relocation;
import dev.baton.kernel.kho.KhoHandover;

import java.io.PrintStream;
import java.util.HexFormat;
import java.util.List;

/** The kernels of a run for people to read: what each was entered with, where it lay, what it was handed, how long it ran. */
final class FollowSummary {
    private static final int FEW_BYTES = 16;
    private static final int MOST_ROWS = 40;

    private final PrintStream out;
    private final MemoryMap map;

    /** @param base first address of RAM, {@code size} bytes of which are drawn */
    FollowSummary(PrintStream out, long base, long size) {
        this.out = out;
        map = new MemoryMap(base, size);
    }

    void print(List<FollowedKernel> kernels) {
        kernels.forEach(this::kernel);
        out.printf("memory   %s a letter; %s%n", new Size(map.cell()), map.legend());
    }

    private void kernel(FollowedKernel k) {
        GenerationReport g = k.report();
        out.printf("generation %d  %s%n", g.number, RunSummary.clip(GuestText.printable(g.banner.isEmpty() ? g.kernel : g.banner)));
        if (k.relocation() != null) {
            relocation(k.relocation());
        }
        row("entry", RunSummary.entry(g));
        g.loaded.forEach(s -> row("loaded", "%-8s 0x%08x  %s".formatted(s.label(), s.address(), RunSummary.bytes(s.size()))));
        g.segments.forEach(s -> row("copied", "%-9s 0x%08x  %s".formatted(s.label(), s.address(), RunSummary.bytes(s.size()))));
        if (k.tree() != null) {
            k.tree().findNode("/chosen").ifPresent(this::chosen);
        }
        if (k.kho() != null) {
            handover(k.kho());
        }
        row("memory", map.line(g.areas));
        row("ran", RunSummary.count(g.instructions) + " instructions");
    }

    private void relocation(Relocation r) {
        row("relocated", "%,d pages by CPU %d at 0x%x, translation %s: %s instructions, begun after %s".formatted(r.pages(), r.cpu(),
                r.code(), r.translated() ? "on" : "off", RunSummary.count(r.instructions()), RunSummary.count(r.began())));
        if (r.purgatory() > 0) {
            row("purgatory", RunSummary.count(r.purgatory()) + " instructions");
        }
    }

    private void chosen(FdtNode chosen) {
        chosen.properties().stream().limit(MOST_ROWS).forEach(p -> row("chosen", RunSummary.clip(p.name() + " " + value(p))));
    }

    static String value(FdtProperty p) {
        if (p.length() == 0) {
            return "";
        }
        if (!numeric(p.name()) && text(p.bytes(), p.name().equals("bootargs") ? 2 : 1)) {
            return '"' + p.strings().getFirst() + '"';
        }
        return p.length() <= FEW_BYTES ? "<" + HexFormat.ofDelimiter(" ").formatHex(p.bytes()) + ">" : p.length() + " bytes";
    }

    /**
     * Properties of {@code /chosen} that are numbers though their bytes may look like text, as those of 0x48252000 do (dt-schema
     * chosen.yaml; Linux drivers/of/fdt.c, drivers/of/kexec.c, drivers/firmware/efi/fdtparams.c): the seeds, and of Linux's own all
     * but the one path.
     */
    private static boolean numeric(String name) {
        return name.equals("kaslr-seed") || name.equals("rng-seed") || name.startsWith("linux,") && !name.equals("linux,stdout-path");
    }

    /** @param most NULs that may end it: kexec-tools ends a command line with two */
    private static boolean text(byte[] b, int most) {
        int end = b.length;
        while (end > b.length - most && end > 1 && b[end - 1] == 0) {
            end--;
        }
        boolean text = end < b.length;
        for (int i = 0; i < end; i++) {
            text &= b[i] >= ' ' && b[i] < 127;
        }
        return text;
    }

    private void handover(KhoHandover kho) {
        kho.text().lines().limit(MOST_ROWS).forEach(l -> row("KHO", RunSummary.clip(GuestText.printable(l))));
        for (int i = 0; i < kho.scratch().size(); i++) {
            row("scratch", "%d  0x%08x  %s".formatted(i, kho.scratch().get(i).addr(), RunSummary.bytes(kho.scratch().get(i).size())));
        }
        row("preserved", "%d blocks, %s%s".formatted(kho.preserved().size(), RunSummary.bytes(kho.preservedBytes()),
                kho.whole() ? "" : ", and the tree is broken"));
    }

    private void row(String name, String text) {
        out.printf("  %-9s %s%n", name, text);
    }
}
