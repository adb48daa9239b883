package dev.baton.bench;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.core.machine.Machine;
import dev.baton.core.machine.StopReason;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;
import dev.baton.images.guest.GuestKernel;
import dev.baton.images.guest.KimageLayout;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * One CPU that runs nothing but a relocation routine of the modelled kernels: the guest code in its control page, a kimage
 * list of one segment, and for the MMU-on era the identity map of that page and a copy of the linear map. The entry point of
 * the relocated image is a model call that stops the machine.
 *
 * <pre>
 * RAM_BASE               control page, idmap tables, linear map tables, struct kimage, zero page
 * RAM_BASE +  8 MiB      list pages
 * RAM_BASE + 64 MiB      destination
 *          + size        source
 * </pre>
 */
public final class RelocationRig implements AutoCloseable {
    /** Which routine runs. */
    public enum Routine {
        /** v4.8 to v5.15: MMU off, DC IVAC before each page. */
        MMU_OFF("relocate_v4_8"),
        /** v5.16 on: MMU on through a copy of the linear map, DC CIVAC after each page. */
        MMU_ON("relocate_v5_16");

        private final String symbol;

        Routine(String symbol) {
            this.symbol = symbol;
        }
    }

    private static final long RAM_BASE = 0x4000_0000L;
    private static final long CONTROL_PAGE = RAM_BASE;
    private static final long CLEAN_INVALIDATE = CONTROL_PAGE + 0x800;
    private static final long DIRTY_LINES = CONTROL_PAGE + 0xc00;
    private static final long RETURN = CONTROL_PAGE + 0xf00;
    private static final long IDMAP = RAM_BASE + 0x1_0000;
    private static final long LINEAR_MAP = RAM_BASE + 0x2_0000;
    private static final long KIMAGE = RAM_BASE + 0x4_0000;
    private static final long ZERO_PAGE = RAM_BASE + 0x5_0000;
    private static final long LIST = RAM_BASE + (8L << 20);
    private static final long DESTINATION = RAM_BASE + (64L << 20);
    private static final long PAGE_OFFSET = 0xffff_0000_0000_0000L;
    private static final int PAGE = 4096;
    private static final int ENTRIES = PAGE / 8;
    private static final int IND_DESTINATION = 1;
    private static final int IND_INDIRECTION = 2;
    private static final int IND_DONE = 4;
    private static final int IND_SOURCE = 8;
    private static final int HLT_STOP = 0x7f7f;

    // Descriptors: Arm ARM D8.3; attribute index 0 is Normal Write-Back in the MAIR below.
    private static final long TABLE = 3;
    private static final long BLOCK = 1 | 1 << 10 | 3 << 8;
    private static final long PAGE_DESCRIPTOR = 3 | 1 << 10 | 3 << 8;
    private static final long MAIR = 0x0000_0000_0000_00ffL;
    private static final long TCR = 16 | 16L << 16 | 1 << 8 | 1 << 10 | 3 << 12 | 1L << 24 | 1L << 26 | 3L << 28 | 2L << 30 | 5L << 32;
    private static final long SCTLR_MMU_ON = 0x34f4_d91dL;
    private static final long SCTLR_MMU_OFF = 0x3050_0800L;

    private final Machine machine = new Machine();
    private final Ram ram;
    private final Arm64Cpu cpu;
    private final Routine routine;
    private final long size;
    private final long source;

    RelocationRig(Routine routine, long size, CachePolicy caches) {
        this.routine = routine;
        this.size = size;
        this.source = DESTINATION + size;
        ram = new Ram(RAM_BASE, (64L << 20) + 2 * size, caches);
        machine.bus().add(ram);
        cpu = new Arm64Cpu(machine, 0, Arm64Config.defaults().withModelCalls((c, number) -> {
            machine.stop(StopReason.REQUESTED);
            return true;
        }));
        machine.add(cpu);
        placeCode();
        placeList();
        placeTables();
        placeSource();
    }

    private void placeCode() {
        byte[] image = GuestKernel.image().array();
        int from = (int) GuestKernel.symbol(routine.symbol);
        int to = (int) GuestKernel.symbol(routine.symbol + "_end");
        put(CONTROL_PAGE, Arrays.copyOfRange(image, from, to));
        int clean = (int) GuestKernel.symbol("dcache_clean_inval_poc");
        put(CLEAN_INVALIDATE, Arrays.copyOfRange(image, clean, (int) GuestKernel.symbol("caches_clean_inval_pou")));
        put(RETURN, words(0xd440_0000 | HLT_STOP << 5));
        // 1: str x2, [x0], #64; cmp x0, x1; b.lo 1b; ret
        put(DIRTY_LINES, words(0xf804_0402, 0xeb01_001f, 0x54ff_ffc3, 0xd65f_03c0));
    }

    private static byte[] words(int... words) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int word : words) {
            bytes.putInt(word);
        }
        return bytes.array();
    }

    /** As kimage_add_entry builds it: 511 entries and a link in every page. */
    private void placeList() {
        long pages = size / PAGE;
        long entry = LIST;
        entry = append(entry, DESTINATION | IND_DESTINATION);
        for (long i = 0; i < pages; i++) {
            entry = append(entry, source + i * PAGE | IND_SOURCE);
        }
        putLong(entry, IND_DONE);
        putLong(KIMAGE + KimageLayout.HEAD, LIST | IND_INDIRECTION);
        putLong(KIMAGE + KimageLayout.START, DESTINATION);
        putLong(KIMAGE + KimageLayout.TTBR1, LINEAR_MAP);
        putLong(KIMAGE + KimageLayout.ZERO_PAGE, ZERO_PAGE);
        putLong(KIMAGE + KimageLayout.PHYS_OFFSET, RAM_BASE - PAGE_OFFSET);
    }

    private long append(long entry, long value) {
        long at = entry;
        if ((at & PAGE - 1) == PAGE - 8) {
            putLong(at, at + 8 | IND_INDIRECTION);
            at += 8;
        }
        putLong(at, value);
        return at + 8;
    }

    private void placeTables() {
        putLong(IDMAP, IDMAP + PAGE | TABLE);
        putLong(IDMAP + PAGE + 8 * (CONTROL_PAGE >>> 30), IDMAP + 2 * PAGE | TABLE);
        putLong(IDMAP + 2 * PAGE + 8 * (CONTROL_PAGE >>> 21 & 511), IDMAP + 3 * PAGE | TABLE);
        putLong(IDMAP + 3 * PAGE + 8 * (CONTROL_PAGE >>> 12 & 511), CONTROL_PAGE | PAGE_DESCRIPTOR);
        putLong(LINEAR_MAP, LINEAR_MAP + PAGE | TABLE);
        for (long offset = 0; offset < ram.size(); offset += 2L << 20) {
            long level2 = LINEAR_MAP + (2 + (offset >>> 30)) * PAGE;
            putLong(LINEAR_MAP + PAGE + 8 * (offset >>> 30), level2 | TABLE);
            putLong(level2 + 8 * (offset >>> 21 & ENTRIES - 1), RAM_BASE + offset | BLOCK);
        }
    }

    private void placeSource() {
        SplittableRandom random = new SplittableRandom(1);
        byte[] page = new byte[PAGE];
        for (long pa = source; pa < source + size; pa += PAGE) {
            random.nextBytes(page);
            if (pa == source) {
                ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN).putInt(0xd440_0000 | HLT_STOP << 5);
            }
            put(pa, page);
        }
    }

    private void put(long pa, byte[] bytes) {
        ram.place(pa, bytes, 0, bytes.length);
    }

    private void putLong(long pa, long value) {
        put(pa, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    }

    /** One whole relocation, from the first instruction of the control page to the entry of the new image. @return instructions */
    long relocate() {
        boolean mmuOn = routine == Routine.MMU_ON;
        long x0 = mmuOn ? PAGE_OFFSET + KIMAGE - RAM_BASE : LIST | IND_INDIRECTION;
        start(Map.of("pc", CONTROL_PAGE, "x0", x0, "x1", DESTINATION, "x2", 0L), mmuOn);
        return runToStop(DESTINATION);
    }

    private void start(Map<String, Long> registers, boolean mmuOn) {
        TreeMap<String, Long> all = new TreeMap<>(registers);
        all.put("el", 1L);
        cpu.powerOn(all);
        cpu.register("mair_el1", MAIR);
        cpu.register("tcr_el1", TCR);
        cpu.register("ttbr0_el1", IDMAP);
        cpu.register("ttbr1_el1", LINEAR_MAP);
        cpu.register("sctlr_el1", mmuOn ? SCTLR_MMU_ON : SCTLR_MMU_OFF);
    }

    private long runToStop(long expectedPc) {
        long before = machine.instructions();
        StopReason reason = machine.run(1L << 40);
        if (reason != StopReason.REQUESTED || cpu.pc() != expectedPc && cpu.pc() != expectedPc + 4) {
            throw new IllegalStateException("the routine ended with " + reason + ": " + cpu.describe());
        }
        return machine.instructions() - before;
    }

    /** Destination and source agree at the PoC. */
    boolean relocated() {
        byte[] a = new byte[PAGE];
        byte[] b = new byte[PAGE];
        for (long offset = 0; offset < size; offset += PAGE) {
            ram.peek(DESTINATION + offset, a, 0, PAGE, View.POC);
            ram.peek(source + offset, b, 0, PAGE, View.POC);
            if (!Arrays.equals(a, b)) {
                return false;
            }
        }
        return true;
    }

    /** Stores one word to every line of the destination through the linear map. @return instructions */
    long dirtyDestination() {
        return call(DIRTY_LINES);
    }

    /** The kernel's {@code dcache_clean_inval_poc} over the destination. @return instructions */
    long cleanInvalidateDestination() {
        return call(CLEAN_INVALIDATE);
    }

    private long call(long code) {
        long va = PAGE_OFFSET + DESTINATION - RAM_BASE;
        start(Map.of("pc", code, "x0", va, "x1", va + size, "x30", RETURN), true);
        return runToStop(RETURN);
    }

    @Override
    public void close() {
        machine.close();
    }
}
