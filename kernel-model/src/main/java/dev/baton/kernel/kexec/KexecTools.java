package dev.baton.kernel.kexec;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtEditor;
import dev.baton.core.machine.Bytes;
import dev.baton.images.arm64.ImageHeader;
import dev.baton.images.guest.GuestKernel;
import dev.baton.images.guest.Purgatory;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.KernelRandom;
import dev.baton.kernel.mm.PageSize;
import dev.baton.kernel.mm.PhysRange;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What kexec-tools 2.0.32 does in user space before {@code kexec_load}: finds holes in {@code /proc/iomem} bottom-up, fixes up the
 * tree from {@code /sys/firmware/fdt}, prepares purgatory.
 */
final class KexecTools {
    private static final int ROOM_IN_TREE = 4096;

    private final List<PhysRange> free;
    private final List<KexecSegment> segments = new ArrayList<>();

    /** @param free System RAM of {@code /proc/iomem} without what it lists as reserved, ascending */
    KexecTools(List<PhysRange> free) {
        this.free = free;
    }

    /** What goes into the system call. */
    record Composed(long entry, List<KexecSegment> segments, Fdt tree) { }

    /** @throws KernelError EINVAL for an image or a tree that kexec-tools refuses; EADDRNOTAVAIL without a hole */
    Composed compose(Bytes kernel, Bytes initrd, String cmdline, Fdt firmwareTree, long sink, KernelRandom random) {
        ImageHeader h = ImageProbe.header(kernel);
        long textOffset = h.effectiveTextOffset();
        long size = h.imageSize() == 0 ? kernel.length() : h.imageSize();
        long base = hole(textOffset + size, ImageHeader.BASE_ALIGNMENT, 0);
        long entry = base + textOffset;
        add("kernel", kernel, entry, size);
        long above = PageSize.alignUp(entry + size, PageSize.PAGE_SIZE);
        FdtEditor e = FdtEditor.openInto(firmwareTree, firmwareTree.totalSize() + ROOM_IN_TREE + (cmdline == null ? 0 : cmdline.length()));
        setBootargs(e, cmdline);
        randomiseKaslrSeed(e, random);
        setInitrd(e, initrd, above);
        Fdt tree = e.pack().view();
        Bytes dtb = Bytes.of(tree.toBytes());
        long dtbAddress = hole(dtb.length(), ImageHeader.BASE_ALIGNMENT, above);
        add("dtb", dtb, dtbAddress, dtb.length());
        long purgatory = hole(GuestKernel.purgatory().image().length(), PageSize.PAGE_SIZE, above);
        segments.sort(Comparator.comparingLong(KexecSegment::mem));
        List<Purgatory.Region> regions = segments.stream().map(s -> new Purgatory.Region(s.mem(), s.buf(), s.memsz())).toList();
        add("purgatory", Purgatory.build(entry, dtbAddress, sink, regions), purgatory, PageSize.PAGE_SIZE);
        segments.sort(Comparator.comparingLong(KexecSegment::mem));
        return new Composed(purgatory + GuestKernel.purgatory().symbol("purgatory_start"), List.copyOf(segments), tree);
    }

    private void add(String label, Bytes buffer, long address, long size) {
        segments.add(KexecSegment.of(label, buffer, address, PageSize.alignUp(size, PageSize.PAGE_SIZE)));
    }

    /** {@code locate_hole}, bottom-up. */
    private long hole(long size, long align, long min) {
        long wanted = PageSize.alignUp(size, PageSize.PAGE_SIZE);
        for (PhysRange r : free) {
            long from = PageSize.alignUp(Math.max(r.start(), min), align);
            for (KexecSegment s : segments.stream().sorted(Comparator.comparingLong(KexecSegment::mem)).toList()) {
                if (PhysRange.of(from, wanted).overlaps(s.range())) {
                    from = PageSize.alignUp(s.range().end(), align);
                }
            }
            if (from + wanted <= r.end()) {
                return from;
            }
        }
        throw new KernelError(Errno.EADDRNOTAVAIL);
    }

    private static void setBootargs(FdtEditor e, String cmdline) {
        int chosen = e.ensureNode(0, "chosen");
        if (cmdline != null) {
            e.setStrings(chosen, "bootargs", cmdline);
        }
    }

    /** {@code setup_2nd_dtb}: the running kernel must have wiped the seed. */
    private static void randomiseKaslrSeed(FdtEditor e, KernelRandom random) {
        int chosen = e.pathOffset("/chosen");
        var seed = e.nodeAt(chosen).property("kaslr-seed").filter(p -> p.length() == 8);
        if (seed.isEmpty()) {
            return;
        }
        if (seed.get().u64() != 0) {
            throw new KernelError(Errno.EINVAL);
        }
        e.setU64(chosen, "kaslr-seed", random.nextU64());
    }

    private void setInitrd(FdtEditor e, Bytes initrd, long above) {
        int chosen = e.pathOffset("/chosen");
        if (initrd == null || initrd.length() == 0) {
            for (String name : List.of("linux,initrd-start", "linux,initrd-end")) {
                if (e.propertyOffset(chosen, name) >= 0) {
                    e.delete(chosen, name);
                }
            }
            return;
        }
        long address = hole(initrd.length(), PageSize.PAGE_SIZE, above);
        add("initrd", initrd, address, initrd.length());
        e.setU64(chosen, "linux,initrd-start", address);
        e.setU64(e.pathOffset("/chosen"), "linux,initrd-end", address + initrd.length());
    }
}
