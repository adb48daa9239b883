package dev.baton.kernel.follow;

import static dev.baton.kernel.kexec.KexecConstants.IND_DESTINATION;
import static dev.baton.kernel.kexec.KexecConstants.IND_DONE;
import static dev.baton.kernel.kexec.KexecConstants.IND_FLAGS;
import static dev.baton.kernel.kexec.KexecConstants.IND_INDIRECTION;
import static dev.baton.kernel.kexec.KexecConstants.IND_SOURCE;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;
import dev.baton.images.arm64.ImageHeader;
import dev.baton.kernel.GenerationReport.Segment;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a real kernel's relocation copies: the entries of {@code kimage->head} (include/linux/kexec.h), found through the registers
 * that arch/arm64/kernel/relocate_kernel.S and cpu-reset.S hold when translation goes off. Nothing in it is believed: a list that
 * leaves RAM, has entries of no or two kinds, or is longer than RAM has pages, is no list.
 *
 * @param start entry point of what was loaded, physical
 * @param pages destination and source of each page, in pairs, in the order of the list (sources with {@code FIRST}); empty if
 *              there is no list to walk
 */
record PageList(long start, long... pages) {
    static final PageList NONE = new PageList(-1);
    private static final int PAGE = 4096;
    private static final int ENTRY = 8;
    /** Of a source: an IND_DESTINATION stood before it, which is where a segment begins. */
    private static final long FIRST = 1;
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int DTB_MAGIC = 0xd00d_feed;
    /** First bytes of what is unpacked as an initramfs: newc, gzip, xz, zstd, LZ4 (legacy). */
    private static final String[] INITRDS = {"070701", "\u001f\u008b", "\u00fd7zXZ", "(\u00b5/\u00fd", "\u0002!L\u0018"};

    /** @param cpu has just turned translation off */
    static PageList at(Cpu cpu, PhysicalBus bus) {
        PageList after = afterCopy(cpu, bus);
        return after != null ? after : beforeCopy(cpu, bus);
    }

    /**
     * Since v5.16 the copy is done by now: x0 is the virtual address of struct kimage, whose first word is the head, x22 what leads
     * from virtual to physical, x28 the entry point, x16 the IND_DONE that ended it, x14 the place after that.
     */
    private static PageList afterCopy(Cpu cpu, PhysicalBus bus) {
        long offset = cpu.register("x22");
        long last = cpu.register("x14") + offset - ENTRY;
        long done = cpu.register("x16");
        long kimage = cpu.register("x0") + offset;
        if ((done & IND_DONE) == 0 || !inRam(bus, last) || !inRam(bus, kimage) || word(bus, last) != done) {
            return null;
        }
        // A struct kimage that was itself a destination holds something else by now: its list ends elsewhere.
        Walk walk = new Walk(bus, word(bus, kimage));
        return walk.end() == last ? new PageList(cpu.register("x28"), walk.pages()) : new PageList(cpu.register("x28"));
    }

    /** Before v5.16 nothing is copied yet: cpu_soft_restart has the head in x2 and the entry point in x3; the place is in x1. */
    private static PageList beforeCopy(Cpu cpu, PhysicalBus bus) {
        long head = cpu.register("x2");
        long start = cpu.register("x3");
        if ((head & IND_FLAGS) != IND_INDIRECTION || bus.ram(start) == null) {
            return NONE;
        }
        Walk walk = new Walk(bus, head);
        return walk.end() >= 0 ? new PageList(start, walk.pages()) : NONE;
    }

    private static boolean inRam(PhysicalBus bus, long pa) {
        return (pa & ENTRY - 1) == 0 && bus.ram(pa) != null;
    }

    private static long word(PhysicalBus bus, long pa) {
        byte[] b = new byte[ENTRY];
        return bus.peek(pa, b, 0, ENTRY, View.CACHED) ? (long) WORD.get(b, 0) : 0;
    }

    /** One pass over a list. */
    private static final class Walk {
        private final PhysicalBus bus;
        private long[] pages = new long[1024];
        private int used;
        private long end = -1;
        private boolean begins;

        Walk(PhysicalBus bus, long head) {
            this.bus = bus;
            long limit = 2 * bus.banks().stream().mapToLong(Ram::size).sum() / PAGE;
            long slot = -1;
            long destination = -1;
            long entry = head;
            for (long n = 0; n < limit; n++) {
                long page = entry & -PAGE;
                switch ((int) (entry & PAGE - 1)) {
                    case (int) IND_DONE -> {
                        end = slot;
                        return;
                    }
                    case (int) IND_DESTINATION -> {
                        destination = page;
                        begins = true;
                    }
                    case (int) IND_INDIRECTION -> slot = page - ENTRY;
                    case (int) IND_SOURCE -> {
                        if (!add(destination, page)) {
                            return;
                        }
                        destination += PAGE;
                    }
                    default -> {
                        return;
                    }
                }
                slot += ENTRY;
                if (!inRam(bus, slot)) {
                    return;
                }
                entry = word(bus, slot);
            }
        }

        private boolean add(long destination, long source) {
            if (bus.ram(destination) == null || bus.ram(source) == null) {
                return false;
            }
            if (used == pages.length) {
                pages = Arrays.copyOf(pages, 2 * used);
            }
            pages[used++] = destination;
            pages[used++] = source | (begins ? FIRST : 0);
            begins = false;
            return true;
        }

        /** Place of the IND_DONE; -1 if the list leads to none. */
        long end() {
            return end;
        }

        long[] pages() {
            return Arrays.copyOf(pages, used);
        }
    }

    boolean known() {
        return pages.length > 0;
    }

    // What is copied ----------------------------------------------------------------------------------------------------

    /** The segments, each with what its first bytes say it is. */
    List<Segment> segments(PhysicalBus bus) {
        List<Segment> segments = new ArrayList<>();
        for (int from = 0; from < pages.length;) {
            int to = from + 2;
            while (to < pages.length && pages[to] == pages[to - 2] + PAGE && !begins(to)) {
                to += 2;
            }
            long size = (long) (to - from) / 2 * PAGE;
            String kind = kind(bus, from);
            boolean entered = start >= pages[from] && start < pages[from] + size;
            segments.add(new Segment(kind != null ? kind : entered ? "purgatory" : "data", pages[from], size));
            from = to;
        }
        return segments;
    }

    private String kind(PhysicalBus bus, int at) {
        byte[] b = new byte[ImageHeader.SIZE];
        bus.peek(source(at), b, 0, b.length, View.CACHED);
        ByteBuffer words = ByteBuffer.wrap(b);
        if (Integer.reverseBytes(words.getInt(FoundImage.MAGIC_AT)) == ImageHeader.MAGIC) {
            return "kernel";
        }
        if (words.getInt(0) == DTB_MAGIC) {
            return "dtb";
        }
        String text = new String(b, StandardCharsets.ISO_8859_1);
        return Arrays.stream(INITRDS).anyMatch(text::startsWith) ? "initrd" : null;
    }

    /** The destinations at which an Image will lie: they may be filled only after translation went off. */
    long[] images(PhysicalBus bus) {
        return segments(bus).stream().filter(s -> s.label().equals("kernel")).mapToLong(Segment::address).toArray();
    }

    /** Place of the first destination byte whose memory is not what the source's reader sees; -1 if all are the same. */
    long firstDifference(PhysicalBus bus) {
        byte[] to = new byte[PAGE];
        byte[] from = new byte[PAGE];
        for (int i = 0; i < pages.length; i += 2) {
            bus.peek(pages[i], to, 0, PAGE, View.POC);
            bus.peek(source(i), from, 0, PAGE, View.CACHED);
            int at = Arrays.mismatch(to, from);
            if (at >= 0) {
                return pages[i] + at;
            }
        }
        return -1;
    }

    private boolean begins(int at) {
        return (pages[at + 1] & FIRST) != 0;
    }

    private long source(int at) {
        return pages[at + 1] & -PAGE;
    }

    /** Source byte of a destination byte; -1 if there is none. */
    long sourceOf(long destination) {
        for (int i = 0; i < pages.length; i += 2) {
            if (pages[i] == (destination & -PAGE)) {
                return source(i) + (destination & PAGE - 1);
            }
        }
        return -1;
    }
}
