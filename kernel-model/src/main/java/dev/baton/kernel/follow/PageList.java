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
import dev.baton.images.guest.KimageLayout;
import dev.baton.kernel.GenerationReport.Segment;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a real kernel's relocation copies: the entries of {@code kimage->head} (include/linux/kexec.h), found through the arguments of
 * arch/arm64/kernel/relocate_kernel.S. Nothing in it is believed: a list that leaves RAM, has entries of no or two kinds, or is
 * longer than RAM has pages, is no list.
 *
 * @param start entry point of what was loaded, physical
 * @param pages destination and source of each page, in pairs, in the order of the list (sources with {@code FIRST}); empty if
 *              there is no list to walk
 */
record PageList(long start, long... pages) {
    static final PageList NONE = new PageList(-1);
    static final int PAGE = 4096;
    private static final int ENTRY = 8;
    /** Of a source: an IND_DESTINATION stood before it, which is where a segment begins. */
    private static final long FIRST = 1;
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int DTB_MAGIC = 0xd00d_feed;
    /** First bytes of what is unpacked as an initramfs: newc, gzip, xz, zstd, LZ4 (legacy). */
    private static final String[] INITRDS = {"070701", "\u001f\u008b", "\u00fd7zXZ", "(\u00b5/\u00fd", "\u0002!L\u0018"};

    /**
     * What {@code arm64_relocate_new_kernel} is given, if that is what {@code cpu} is about to execute. Since v5.16 x0 is the virtual
     * address of struct kimage, before it the head itself, with the entry point in x1; the series that passed a struct
     * kern_reloc_arg ran with translation off.
     */
    static PageList at(Cpu cpu, PhysicalBus bus, boolean translated) {
        long x0 = cpu.argument(0);
        if ((x0 & IND_FLAGS) == IND_INDIRECTION) {
            return walked(bus, x0, cpu.argument(1));
        }
        long kimage = (x0 & ENTRY - 1) == 0 ? cpu.translate(x0) : -1;
        if (kimage == -1 || !inRam(bus, kimage)) {
            return NONE;
        }
        long start = kimage + (translated ? KimageLayout.START : KimageLayout.RELOC_ARG_ENTRY);
        return inRam(bus, start) ? walked(bus, word(bus, kimage), word(bus, start)) : NONE;
    }

    private static PageList walked(PhysicalBus bus, long head, long start) {
        if ((head & IND_FLAGS) != IND_INDIRECTION || bus.ram(start) == null) {
            return NONE;
        }
        Walk walk = new Walk(bus, head);
        return walk.whole ? new PageList(start, walk.pages()) : NONE;
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
        /** It led to an IND_DONE. */
        private boolean whole;
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
                        whole = true;
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

        long[] pages() {
            return Arrays.copyOf(pages, used);
        }
    }

    boolean known() {
        return pages.length > 0;
    }

    /** Pages it copies. */
    int count() {
        return pages.length / 2;
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

    /** Address of the first page in the order of the list that is still to be copied from when it has been copied to; -1 if none. */
    long firstLostSource() {
        Set<Long> written = new HashSet<>();
        for (int i = 0; i < pages.length; i += 2) {
            if (written.contains(source(i))) {
                return source(i);
            }
            written.add(pages[i]);
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
