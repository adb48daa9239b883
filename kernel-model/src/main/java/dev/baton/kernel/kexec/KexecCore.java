package dev.baton.kernel.kexec;

import static dev.baton.kernel.mm.PageSize.PAGE_SHIFT;
import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtException;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.images.arm64.ImageHeader;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.KernelRandom;
import dev.baton.kernel.KernelServices;
import dev.baton.kernel.Quirk;
import dev.baton.kernel.SyscallResult;
import dev.baton.kernel.kho.Kho;
import dev.baton.kernel.kho.KhoScratch;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PageSize;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code kexec_load(2)}, {@code kexec_file_load(2)} and the checks of {@code reboot(LINUX_REBOOT_CMD_KEXEC)} as kernel/kexec.c,
 * kexec_file.c, kexec_core.c and arch/arm64/kernel/{machine_kexec_file,kexec_image}.c (7.2) have them, check by check in their order.
 * There is no {@code crashkernel=} area, so every crash image is refused with EADDRNOTAVAIL.
 */
public final class KexecCore implements Stateful {
    private static final long SZ_64K = 64 << 10;
    private static final long SZ_1G = 1L << 30;

    private final KernelServices kernel;
    private final Memblock memblock;
    private final PageAllocator pages;
    private final Kho kho;
    private final KernelRandom random;
    private final KexecSettings settings;
    private final MachineKexec machine;
    private final Placement placement;
    private final KexecChecks checks;

    private Kimage image;
    private boolean locked;
    /** kernel.kexec_load_limit_reboot; -1 is no limit. */
    private int loadLimit = -1;
    private final List<String> log = new ArrayList<>();

    public KexecCore(KernelServices kernel, Memblock memblock, PageAllocator pages, Kho kho, KernelRandom random, KexecSettings settings,
                     MachineKexec machine) {
        this.kernel = kernel;
        this.memblock = memblock;
        this.pages = pages;
        this.kho = kho;
        this.random = random;
        this.settings = settings;
        this.machine = machine;
        this.placement = new Placement(memblock, kho);
        this.checks = new KexecChecks(kernel, memblock, kho);
    }

    /** The loaded image; null if there is none. */
    public Kimage image() {
        return image;
    }

    /** Takes or gives back {@code kexec_lock}; while taken every call is EBUSY. */
    public void setLocked(boolean taken) {
        locked = taken;
    }

    /** Sets sysctl kernel.kexec_load_limit_reboot. */
    public void setLoadLimit(int limit) {
        loadLimit = limit;
    }

    /**
     * What a chain can assert not to grow.
     *
     * @param used     bytes the page allocator has given out
     * @param free     bytes it has left
     * @param reserved bytes memblock holds reserved
     * @param image    bytes of the loaded image, in guest memory
     * @param segments of the loaded image
     */
    public record Account(long used, long free, long reserved, long image, int segments) { }

    public Account account() {
        return new Account(pages.usedBytes(), pages.freeBytes(), memblock.totalReserved(), image == null ? 0 : image.footprint(),
                image == null ? 0 : image.segmentCount());
    }

    // kexec_load

    /**
     * {@code kexec_load(2)}; {@code segments} empty unloads.
     *
     * @param entry physical
     */
    public SyscallResult kexecLoad(long entry, List<KexecSegment> segments, long flags) {
        return call(() -> doKexecLoad(entry, segments, flags));
    }

    private void doKexecLoad(long entry, List<KexecSegment> segments, long flags) {
        permission();
        int low = (int) flags;
        check((low & ~KexecConstants.KEXEC_ARCH_MASK & ~KexecConstants.KEXEC_FLAGS) == 0, Errno.EINVAL);
        check(segments.size() <= KexecConstants.KEXEC_SEGMENT_MAX, Errno.EINVAL);
        int arch = low & KexecConstants.KEXEC_ARCH_MASK;
        check(arch == KexecConstants.KEXEC_ARCH_DEFAULT || arch == KexecConstants.KEXEC_ARCH_AARCH64, Errno.EINVAL);
        check(segments.stream().noneMatch(s -> s == null), Errno.EFAULT);
        lock();
        boolean crash = (low & KexecConstants.KEXEC_ON_CRASH) != 0;
        if (segments.isEmpty()) {
            unload(crash);
            return;
        }
        // crashk_res is empty: an entry beyond it, or else the first segment, is refused.
        check(!crash || entry == 0, Errno.EADDRNOTAVAIL);
        build(false, image -> {
            image.start(entry);
            segments.forEach(s -> image.addSegment(s.buf() == null && s.bufsz() == 0
                    ? new KexecSegment(s.label(), Bytes.of(), 0, s.mem(), s.memsz()) : s));
            sanityCheck(image, crash);
            controlPages(image, "kexec: ");
            machine.prepare(image);
        });
    }

    /**
     * {@code kexec -l} followed by the system call, as kexec-tools composes it: kernel, initrd, tree and purgatory.
     *
     * @param initrd null for none
     * @param sink   physical address of the UART's data register for purgatory's complaint, 0 for silence
     */
    public SyscallResult kexecToolsLoad(Bytes kernelImage, Bytes initrd, String cmdline, long sink) {
        KexecTools.Composed composed;
        try {
            composed = new KexecTools(memblock.freeRanges(0)).compose(kernelImage, initrd, cmdline, bootDtb(), sink, random);
        } catch (KernelError e) {
            return new SyscallResult(e.errno(), List.of());
        } catch (FdtException e) {
            return new SyscallResult(Errno.EINVAL, List.of());
        }
        SyscallResult result = kexecLoad(composed.entry(), composed.segments(), KexecConstants.KEXEC_ARCH_AARCH64);
        if (result.ok()) {
            checks.staleKhoProperties(composed.tree());
        }
        return result;
    }

    // kexec_file_load

    /**
     * {@code kexec_file_load(2)}.
     *
     * @param initrd  null for no file
     * @param cmdline with its NUL, as the system call takes it; null or empty for none
     */
    public SyscallResult kexecFileLoad(Bytes kernelImage, Bytes initrd, byte[] cmdline, long flags) {
        return call(() -> doKexecFileLoad(kernelImage, initrd, cmdline, flags));
    }

    /** As {@link #kexecFileLoad(Bytes, Bytes, byte[], long)} with the NUL added. */
    public SyscallResult kexecFileLoad(Bytes kernelImage, Bytes initrd, String cmdline, long flags) {
        byte[] bytes = cmdline == null ? null : KexecDtb.latin1(cmdline + "\0");
        return kexecFileLoad(kernelImage, initrd, bytes, flags);
    }

    private void doKexecFileLoad(Bytes kernelImage, Bytes initrd, byte[] cmdline, long flags) {
        permission();
        check((flags & ~KexecConstants.KEXEC_FILE_FLAGS) == 0, Errno.EINVAL);
        lock();
        boolean crash = (flags & KexecConstants.KEXEC_FILE_ON_CRASH) != 0;
        if ((flags & KexecConstants.KEXEC_FILE_UNLOAD) != 0) {
            unload(crash);
            return;
        }
        check(!crash, Errno.EADDRNOTAVAIL);
        build(true, image -> {
            ImageHeader header = ImageProbe.header(kernelImage);
            check(cmdline == null || cmdline.length == 0 || cmdline[cmdline.length - 1] == 0, Errno.EINVAL);
            khoFillKimage(image);
            boolean noInitramfs = (flags & KexecConstants.KEXEC_FILE_NO_INITRAMFS) != 0;
            Bytes ramdisk = noInitramfs || initrd == null || initrd.length() == 0 ? null : initrd;
            imageLoad(image, kernelImage, header, ramdisk, commandLine(cmdline));
            sanityCheck(image, false);
            controlPages(image, "kexec_file: ");
            machine.prepare(image);
        });
        KexecSegment dtb = image.segments().stream().filter(s -> s.mem() == image.dtbMem()).findFirst().orElseThrow();
        checks.khoProperties(bootDtb(), Fdt.of(dtb.buf().array()));
    }

    /** Up to the first NUL, as C reads it. */
    private static String commandLine(byte[] bytes) {
        if (bytes == null || bytes.length == 0) {
            return null;
        }
        int n = 0;
        while (bytes[n] != 0) {
            n++;
        }
        return new String(bytes, 0, n, StandardCharsets.ISO_8859_1);
    }

    /** {@code kho_fill_kimage}: the FDT page goes along as it is, finished or not; the array of scratch areas becomes a segment. */
    private void khoFillKimage(Kimage image) {
        if (!kho.enabled()) {
            return;
        }
        image.khoFdt(kho.fdtPhys());
        Bytes array = Bytes.wrap(KhoScratch.array(kho.scratch()));
        placement.add(image, new KexecBuffer("kho-scratch", array, 0, array.length(), SZ_64K, 0, KexecBuffer.NO_LIMIT, true));
        image.khoScratchIsLastSegment();
    }

    /** {@code image_load}: tries hole after hole for the kernel until the other segments fit as well. */
    private void imageLoad(Kimage image, Bytes kernelImage, ImageHeader header, Bytes initrd, String cmdline) {
        ImageProbe.checkLoadable(header, ImageProbe.CpuFeatures.ALL);
        int kernelSegment = image.segmentCount();
        KexecBuffer buffer = new KexecBuffer("kernel", kernelImage, 0, header.imageSize() + header.textOffset(),
                ImageHeader.BASE_ALIGNMENT, 0, KexecBuffer.NO_LIMIT, false);
        while (true) {
            KexecSegment placed;
            try {
                placed = placement.add(image, buffer);
            } catch (KernelError e) {
                printk("kexec_file(Image): Could not find any suitable kernel location!");
                throw e;
            }
            if (loadOtherSegments(image, placed, initrd, cmdline)) {
                break;
            }
            image.truncateSegments(kernelSegment);
            buffer = buffer.above(placed.range().end());
        }
        KexecSegment placed = image.segment(kernelSegment).shifted(header.textOffset());
        image.replaceSegment(kernelSegment, placed);
        image.start(placed.mem());
    }

    /** {@code load_other_segments}. @return false, with their segments dropped, whatever the reason: Linux tries the next hole then */
    private boolean loadOtherSegments(Kimage image, KexecSegment kernelSegment, Bytes initrd, String cmdline) {
        int before = image.segmentCount();
        try {
            long above = kernelSegment.range().end();
            long initrdAddress = 0;
            if (initrd != null) {
                long window = PageSize.alignDown(kernelSegment.mem(), SZ_1G) + 32 * SZ_1G;
                initrdAddress = placement.add(image, new KexecBuffer("initrd", initrd, 0, initrd.length(), 0, above, window, false)).mem();
            }
            Fdt next = KexecDtb.build(bootDtb(),
                    new KexecDtb.Inputs(settings.bootDtb(), initrdAddress, initrd == null ? 0 : initrd.length(),
                    cmdline, image.khoFdt(), image.khoScratch(), settings.has(Quirk.KHO_APPEND_CHOSEN), settings.rngReady()), random);
            if (!settings.rngReady()) {
                printk("RNG is not initialised: omitting \"kaslr-seed\" property");
                printk("RNG is not initialised: omitting \"rng-seed\" property");
            }
            Bytes dtb = Bytes.of(next.toBytes());
            KexecSegment placed = placement.add(image, new KexecBuffer("dtb", dtb, 0, dtb.length(), ImageHeader.BASE_ALIGNMENT, above,
                    KexecBuffer.NO_LIMIT, true));
            image.dtbMem(placed.mem());
            return true;
        } catch (FdtException e) {
            printk("kexec_file: Preparing for new dtb failed");
            image.truncateSegments(before);
            return false;
        } catch (KernelError e) {
            image.truncateSegments(before);
            return false;
        }
    }

    // reboot

    /**
     * The checks of {@code kernel_kexec()} before anything is shut down; then what a correct kernel need not ask.
     *
     * @return EBUSY, EINVAL, or success: the caller goes on to machine_shutdown
     */
    public SyscallResult rebootKexec() {
        return call(() -> {
            lock();
            check(image != null, Errno.EINVAL);
            checks.destinations(image, bootDtb());
            if (image.khoFdt() != 0) {
                kho.checkAtJump();
            }
            printk("kexec_core: Starting new kernel");
        });
    }

    // Shared

    private interface Step {
        void run(Kimage image);
    }

    /** Builds an image and puts it in the place of the loaded one; on any error everything is freed and the old one stays. */
    private void build(boolean fileMode, Step fill) {
        Kimage fresh = Kimage.allocate(kernel, pages, fileMode);
        try {
            fill.run(fresh);
            for (KexecSegment s : fresh.segments()) {
                kernel.memory().activity("kimage_load_segment: " + s.label());
                fresh.loadSegment(s);
            }
            kernel.memory().activity("kimage_terminate");
            fresh.terminate();
            fresh.writeStruct();
            machine.postLoad(fresh);
            checks.destinations(fresh, settings.bootDtb() == 0 ? null : bootDtb());
        } catch (KernelError e) {
            fresh.free();
            throw e;
        } finally {
            kernel.memory().activity("");
        }
        if (image != null) {
            image.free();
        }
        image = fresh;
    }

    private void unload(boolean crash) {
        if (!crash && image != null) {
            image.free();
            image = null;
        }
    }

    private void controlPages(Kimage fresh, String prefix) {
        fresh.controlCodePage(controlPage(fresh, prefix + "Could not allocate control_code_buffer"));
        fresh.swapPage(controlPage(fresh, prefix + "Could not allocate swap buffer"));
    }

    private long controlPage(Kimage fresh, String complaint) {
        try {
            return fresh.allocControlPages(0);
        } catch (KernelError e) {
            printk(complaint);
            throw e;
        }
    }

    /** {@code sanity_check_segment_list}. */
    private void sanityCheck(Kimage fresh, boolean crash) {
        List<KexecSegment> segments = fresh.segments();
        for (KexecSegment s : segments) {
            long end = s.mem() + s.memsz();
            check(Long.compareUnsigned(s.mem(), end) <= 0, Errno.EADDRNOTAVAIL);
            check(s.mem() % PAGE_SIZE == 0 && end % PAGE_SIZE == 0, Errno.EADDRNOTAVAIL);
            check(Long.compareUnsigned(end, KexecConstants.DESTINATION_MEMORY_LIMIT) < 0, Errno.EADDRNOTAVAIL);
        }
        for (int i = 0; i < segments.size(); i++) {
            for (int j = 0; j < i; j++) {
                check(!overlap(segments.get(i), segments.get(j)), Errno.EINVAL);
            }
        }
        long half = pages.managedPages() / 2;
        long total = 0;
        for (KexecSegment s : segments) {
            check(Long.compareUnsigned(s.bufsz(), s.memsz()) <= 0, Errno.EINVAL);
        }
        for (KexecSegment s : segments) {
            long count = s.memsz() >>> PAGE_SHIFT;
            check(count <= half, Errno.EINVAL);
            total += count;
        }
        check(total <= half, Errno.EINVAL);
        check(!crash, Errno.EADDRNOTAVAIL);
    }

    private static boolean overlap(KexecSegment a, KexecSegment b) {
        return Long.compareUnsigned(a.mem() + a.memsz(), b.mem()) > 0 && Long.compareUnsigned(a.mem(), b.mem() + b.memsz()) < 0;
    }

    private void permission() {
        check(settings.capSysBoot() && !settings.loadDisabled() && loadLimit != 0, Errno.EPERM);
        if (loadLimit > 0) {
            loadLimit--;
        }
    }

    private void lock() {
        check(!locked, Errno.EBUSY);
    }

    private static void check(boolean good, Errno errno) {
        if (!good) {
            throw new KernelError(errno);
        }
    }

    private SyscallResult call(Runnable body) {
        log.clear();
        Errno errno = null;
        try {
            body.run();
        } catch (KernelError e) {
            errno = e.errno();
        }
        return new SyscallResult(errno, log);
    }

    private void printk(String line) {
        log.add(line);
        kernel.printk(line);
    }

    private Fdt bootDtb() {
        return KexecDtb.at(kernel.memory(), settings.bootDtb());
    }

    // Snapshot

    @Override
    public void save(StateWriter out) {
        out.section("kexec").flag(locked).u32(loadLimit).flag(image != null);
        if (image != null) {
            image.save(out);
        }
    }

    @Override
    public void load(StateReader in) {
        in.section("kexec");
        locked = in.flag();
        loadLimit = in.u32();
        image = null;
        if (in.flag()) {
            image = new Kimage(kernel, pages);
            image.load(in);
        }
    }
}
