package dev.baton.kernel;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtWriter;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.images.arm64.ImageHeader;
import dev.baton.kernel.kexec.KexecConstants;
import dev.baton.kernel.kexec.KexecCore;
import dev.baton.kernel.kexec.KexecPlan;
import dev.baton.kernel.kexec.KexecSettings;
import dev.baton.kernel.kexec.Kimage;
import dev.baton.kernel.kexec.MachineKexec;
import dev.baton.kernel.kho.Kho;
import dev.baton.kernel.kho.KhoTest;
import dev.baton.kernel.mm.EarlyMemory;
import dev.baton.kernel.mm.KernelMemory;
import dev.baton.kernel.mm.MemMap;
import dev.baton.kernel.mm.Memblock;
import dev.baton.kernel.mm.PageAllocator;
import dev.baton.kernel.mm.PhysRange;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A kernel of which only the C-level logic exists: booted from a tree in memory, it loads the next and "jumps" by copying its list. */
public final class TestKernel implements KernelServices {
    public static final long RAM = 0x4000_0000L;
    public static final long FIRST_DTB = RAM + (8 << 20);
    public static final int IMAGE_SIZE = 192 << 10;

    public final ArrayMemory memory;
    public final Era era;
    public final int generation;
    public final List<String> log = new ArrayList<>();
    public final List<Finding> findings = new ArrayList<>();
    private final Set<String> keys = new HashSet<>();
    public final Memblock memblock = new Memblock();
    public final Fdt tree;
    public final Kho kho;
    public final PageAllocator pages;
    public final KhoTest test;
    public final KexecCore kexec;
    public final MemMap memmap;

    private TestKernel(ArrayMemory memory, Era era, Set<Quirk> quirks, int generation, long dtb, PhysRange kernel) {
        this.memory = memory;
        this.era = era;
        this.generation = generation;
        String bootargs = Fdt.of(memory.read(dtb, Integer.reverseBytes(memory.u32(dtb + 4)))).findNode("/chosen")
                .flatMap(n -> n.property("bootargs")).map(p -> p.string()).orElse("");
        kho = Kho.of(this, era, bootargs, false);
        tree = EarlyMemory.setupMachineFdt(memblock, memory, dtb, kho);
        EarlyMemory.arm64MemblockInit(memblock, tree, kernel);
        memmap = MemMap.allocate(memblock, memory);
        kho.memoryInit(memblock, memmap);
        pages = PageAllocator.takeOver(memblock, memory);
        kho.init(pages);
        test = new KhoTest(this, pages, kho, era);
        kexec = new KexecCore(this, memblock, pages, kho, new KernelRandom(generation), KexecSettings.of(era, quirks, dtb), new Machine());
    }

    private static final class Machine implements MachineKexec {
        @Override
        public void prepare(Kimage image) {
            // No CPU, none stuck.
        }

        @Override
        public void postLoad(Kimage image) {
            image.allocControlPages(0);
        }
    }

    /** Memory of {@code mib} MiB with a firmware tree for it. */
    public static ArrayMemory memory(int mib) {
        return memory(mib, "kho=on");
    }

    public static ArrayMemory memory(int mib, String bootargs) {
        ArrayMemory m = new ArrayMemory(RAM, mib << 20);
        m.write(FIRST_DTB, firmwareTree(m.size(), bootargs));
        return m;
    }

    public static byte[] firmwareTree(long ram, String bootargs) {
        return new FdtWriter().write(root -> {
            root.u32("#address-cells", 2);
            root.u32("#size-cells", 2);
            root.string("compatible", "linux,dummy-virt");
            root.node("chosen", c -> {
                c.string("bootargs", bootargs);
                c.string("stdout-path", "/pl011@9000000");
                c.u64("kaslr-seed", 0x1122334455667788L);
                c.bytes("rng-seed", new byte[64]);
            });
            root.node("memory@40000000", n -> {
                n.string("device_type", "memory");
                n.u64s("reg", RAM, ram);
            });
        });
    }

    /** The first kernel, at the start of memory. */
    public static TestKernel boot(ArrayMemory memory, Era era, Quirk... quirks) {
        return new TestKernel(memory, era, Set.of(quirks), 1, FIRST_DTB, PhysRange.of(RAM, IMAGE_SIZE));
    }

    /** An Image of this many bytes with content of the seed. */
    public static Bytes image(int bytes, long imageSize, long seed) {
        byte[] b = new byte[bytes];
        new KernelRandom(seed).fill(b);
        System.arraycopy(ImageHeader.of(0xd503201f, 0x14000010, imageSize, 4).write(), 0, b, 0, ImageHeader.SIZE);
        return Bytes.wrap(b);
    }

    public static Bytes image(long seed) {
        return image(100_000, IMAGE_SIZE, seed);
    }

    /** Loads a next kernel; fails the test if that fails. */
    public TestKernel load(long seed) {
        SyscallResult r = kexec.kexecFileLoad(image(seed), TestKernel.initrd(seed), "console=ttyAMA0 kho=on", 0);
        if (!r.ok()) {
            throw new AssertionError(r + " " + r.log());
        }
        return this;
    }

    public static Bytes initrd(long seed) {
        byte[] b = new byte[10_001];
        new KernelRandom(~seed).fill(b);
        return Bytes.wrap(b);
    }

    /** Jumps: the relocation code's copy, then a kernel of that era from the tree it is given. */
    public TestKernel jump(Era next, Quirk... quirks) {
        SyscallResult r = kexec.rebootKexec();
        if (!r.ok()) {
            throw new AssertionError(r.toString());
        }
        return jumpUnchecked(next, quirks);
    }

    /** As {@link #jump}, without asking this kernel whether all is well. */
    public TestKernel jumpUnchecked(Era next, Quirk... quirks) {
        Kimage image = kexec.image();
        LaunchPlan plan = KexecPlan.plan(image);
        relocate(memory, image);
        List<String> differences = differences(memory, plan);
        if (!differences.isEmpty()) {
            throw new AssertionError(differences.toString());
        }
        PhysRange kernel = image.segments().stream().filter(s -> s.label().equals("kernel")).findFirst().orElseThrow().range();
        return new TestKernel(memory, next, Set.of(quirks), generation + 1, plan.registers().get("x0"), kernel);
    }

    /** What the relocation code does with the list: page after page, in order, from memory as it is at that moment. */
    public static void relocate(KernelMemory memory, Kimage image) {
        long[] destination = {0};
        List<long[]> entries = new ArrayList<>();
        image.forEachEntry((slot, e) -> entries.add(new long[] {slot, e}));
        for (long[] pair : entries) {
            long entry = memory.u64(pair[0]);
            if (entry != pair[1]) {
                throw new AssertionError("entry at 0x%x was overwritten by the copy".formatted(pair[0]));
            }
            long page = entry & -4096;
            if ((entry & KexecConstants.IND_DESTINATION) != 0) {
                destination[0] = page;
            } else if ((entry & KexecConstants.IND_SOURCE) != 0) {
                memory.write(destination[0], memory.read(page, 4096));
                destination[0] += 4096;
            }
        }
    }

    /** Segments of the plan that memory does not equal, zero tails included. */
    public static List<String> differences(KernelMemory memory, LaunchPlan plan) {
        List<String> bad = new ArrayList<>();
        for (LaunchPlan.Segment s : plan.segments()) {
            byte[] found = memory.read(s.address(), (int) s.size());
            int i = Arrays.mismatch(Arrays.copyOf(s.bytes().array(), found.length), found);
            if (i >= 0) {
                bad.add("%s differs at 0x%x".formatted(s.label(), s.address() + i));
            }
        }
        return bad;
    }

    public List<String> rules() {
        return findings.stream().map(Finding::rule).toList();
    }

    @Override
    public KernelMemory memory() {
        return memory;
    }

    @Override
    public void printk(String line) {
        log.add(line);
    }

    @Override
    public long virt(long phys) {
        return 0xffff_0000_0000_0000L + phys - RAM;
    }

    @Override
    public int generation() {
        return generation;
    }

    @Override
    public void report(String key, String rule, Finding.Severity severity, String what, Map<String, String> details, String source) {
        if (keys.add(key)) {
            findings.add(new Finding(rule, severity, what, 0, 0, 0, details, source));
        }
    }
}
