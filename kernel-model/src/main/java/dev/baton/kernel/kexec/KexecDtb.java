package dev.baton.kernel.kexec;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtEditor;
import dev.baton.core.fdt.FdtError;
import dev.baton.core.fdt.FdtException;
import dev.baton.core.fdt.FdtProperty;
import dev.baton.core.fdt.FdtReservation;
import dev.baton.kernel.KernelRandom;
import dev.baton.kernel.kho.KhoChosen;
import dev.baton.kernel.mm.PageSize;

import java.nio.charset.StandardCharsets;

/**
 * The next kernel's device tree for {@code kexec_file_load}: {@code of_kexec_alloc_and_setup_fdt} (drivers/of/kexec.c, 7.2), edit for
 * edit in its order. Left out: crash images and IMA buffers.
 */
final class KexecDtb {
    private static final int FDT_EXTRA_SPACE = 0x1000;
    private static final int RNG_SEED_SIZE = 128;

    /**
     * What goes in.
     *
     * @param bootDtbPhys   where this kernel's own tree lies; its reservation is removed
     * @param initrdStart   0 for none
     * @param cmdline       null for none
     * @param khoFdt        0 without KHO
     * @param khoScratch    segment with the scratch array; null without KHO
     * @param appendOnly    quirk: inherited KHO properties are not deleted first (KHO v5)
     * @param rngReady      {@code rng_is_initialized()}
     */
    record Inputs(long bootDtbPhys, long initrdStart, long initrdSize, String cmdline, long khoFdt, KexecSegment khoScratch,
                  boolean appendOnly, boolean rngReady) { }

    private KexecDtb() { }

    /** @throws FdtException where Linux gives up on the tree */
    static Fdt build(Fdt bootDtb, Inputs in, KernelRandom random) {
        int room = FDT_EXTRA_SPACE + (in.cmdline == null ? 0 : latin1(in.cmdline).length);
        FdtEditor e = FdtEditor.openInto(bootDtb, bootDtb.totalSize() + room);
        deleteReservation(e, in.bootDtbPhys, bootDtb.totalSize());
        chosen(e);
        deleteIfThere(e, "linux,elfcorehdr");
        deleteIfThere(e, "linux,usable-memory-range");
        deleteOldInitrdReservation(e);
        setInitrd(e, in);
        addKho(e, in);
        setBootargs(e, in.cmdline);
        seed(e, in.rngReady, random);
        e.setEmpty(chosen(e), "linux,booted-from-kexec");
        return e.pack().view();
    }

    private static int chosen(FdtEditor e) {
        int found = e.pathOffset("/chosen");
        return found >= 0 ? found : e.addNode(0, "chosen");
    }

    private static void deleteIfThere(FdtEditor e, String property) {
        int chosen = chosen(e);
        if (e.propertyOffset(chosen, property) >= 0) {
            e.delete(chosen, property);
        }
    }

    /** {@code fdt_find_and_del_mem_rsv}: the first entry that equals the range. @return false if there is none */
    private static boolean deleteReservation(FdtEditor e, long address, long size) {
        for (int i = 0; i < e.reservationCount(); i++) {
            if (e.reservation(i).equals(new FdtReservation(address, size))) {
                e.deleteReservation(i);
                return true;
            }
        }
        return false;
    }

    private static void deleteOldInitrdReservation(FdtEditor e) {
        int chosen = chosen(e);
        if (e.propertyOffset(chosen, "linux,initrd-start") < 0) {
            return;
        }
        long start = number(e.nodeAt(chosen).get("linux,initrd-start"));
        long size = number(e.nodeAt(chosen).get("linux,initrd-end")) - start;
        // Firmware may have reserved whole pages.
        if (!deleteReservation(e, start, size)) {
            deleteReservation(e, start, PageSize.alignUp(size, PageSize.PAGE_SIZE));
        }
    }

    private static long number(FdtProperty p) {
        return p.number(0, Math.min(2, p.length() / 4));
    }

    private static void setInitrd(FdtEditor e, Inputs in) {
        if (in.initrdStart == 0) {
            deleteIfThere(e, "linux,initrd-start");
            deleteIfThere(e, "linux,initrd-end");
            return;
        }
        e.setU64(chosen(e), "linux,initrd-start", in.initrdStart);
        e.setU64(chosen(e), "linux,initrd-end", in.initrdStart + in.initrdSize);
        e.addReservation(in.initrdStart, in.initrdSize);
    }

    private static void addKho(FdtEditor e, Inputs in) {
        if (!in.appendOnly) {
            deleteIfThere(e, KhoChosen.FDT);
            deleteIfThere(e, KhoChosen.SCRATCH);
        }
        if (in.khoFdt == 0 || in.khoScratch == null) {
            return;
        }
        e.appendAddressRange(0, chosen(e), KhoChosen.FDT, in.khoFdt, PageSize.PAGE_SIZE);
        e.appendAddressRange(0, chosen(e), KhoChosen.SCRATCH, in.khoScratch.mem(), in.khoScratch.bufsz());
    }

    private static void setBootargs(FdtEditor e, String cmdline) {
        if (cmdline == null) {
            deleteIfThere(e, "bootargs");
        } else {
            e.setStrings(chosen(e), "bootargs", cmdline);
        }
    }

    private static void seed(FdtEditor e, boolean rngReady, KernelRandom random) {
        deleteIfThere(e, "kaslr-seed");
        if (!rngReady) {
            return;
        }
        e.setU64(chosen(e), "kaslr-seed", random.nextU64());
        byte[] seed = new byte[RNG_SEED_SIZE];
        random.fill(seed);
        e.set(chosen(e), "rng-seed", seed);
    }

    static byte[] latin1(String s) {
        return s.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The tree at {@code phys}. @throws FdtException if there is none */
    static Fdt at(dev.baton.kernel.mm.KernelMemory mem, long phys) {
        byte[] header = mem.read(phys, 8);
        int magic = be32(header, 0);
        int size = be32(header, 4);
        if (magic != 0xd00d_feed || size < 40 || size > 2 << 20) {
            throw new FdtException(FdtError.BADMAGIC, "expected a tree of at most 2 MiB at 0x%x, found 0x%08x, size %d"
                    .formatted(phys, magic, size));
        }
        return Fdt.of(mem.read(phys, size));
    }

    private static int be32(byte[] b, int at) {
        return (b[at] & 0xff) << 24 | (b[at + 1] & 0xff) << 16 | (b[at + 2] & 0xff) << 8 | b[at + 3] & 0xff;
    }
}
