package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.cpu.StopPoints;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.CodeWatcher;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.SoftTlb;
import dev.baton.core.mem.View;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decoded code of one CPU: its instruction cache. A line is fetched once, in the view that the MMU and SCTLR.I decide, and stays
 * until IC maintenance drops it; only where the caches are coherent (policy {@code none}) does a store drop it.
 *
 * <p>Translations of fetches are remembered under a <em>fetch key</em>, a number that stands for one state of one translation
 * context: it changes whenever anything that decides a fetch may have changed.
 */
public final class CodeCache implements CodeWatcher {
    /** PSTATE.BTYPE after BR through X16 or X17, or from outside guarded pages; after BLR; and after any other BR. */
    public static final int BR_THROUGH = 1;
    public static final int BLR = 2;
    public static final int BR = 3;

    private static final int PLACES = 512;
    /** Decoded instructions kept at most, some 100 bytes each; then all blocks are made anew, from the same lines. */
    static final int MOST_DECODED = 2_000_000;
    /** Pages with fetched lines kept at most: 32 MiB of code. Then every line is evicted, as hardware may do at any time. */
    static final int MOST_PAGES = 8192;

    private record BytesKey(long pa, boolean cacheable) { }

    private record PageKey(CodeBytes bytes, long va, boolean guarded) { }

    static final long[] NOTHING_WATCHED = {};

    /** No block runs across these addresses, and one that begins there is not simply run. */
    private long[] watched = NOTHING_WATCHED;
    /** For a debugger: the same of these addresses. */
    StopPoints stops = StopPoints.NONE;
    /** See {@link dev.baton.core.cpu.Cpu#whenIdentityPageBegins}. */
    Runnable identityPage = () -> { };
    private final Arm64Cpu cpu;
    private final BlockBuilder builder;
    final BranchTypes types;
    private final Translator translator;
    private final Map<BytesKey, CodeBytes> bytes = new HashMap<>();
    private final Map<PageKey, CodePage> pages = new HashMap<>();
    /** By virtual page, direct-mapped. */
    private final CodePage[] places = new CodePage[PLACES];
    private final List<CodeBytes.Saved> loaded = new ArrayList<>();
    private final long[] keyOfContext = new long[Mmu.CONTEXTS];
    private long lastKey;
    private int decoded;
    private int context;

    CodeCache(Arm64Cpu cpu, Translator translator) {
        this.cpu = cpu;
        this.translator = translator;
        builder = new BlockBuilder(cpu, this);
        types = new BranchTypes(cpu);
        cpu.machine.bus().banks().forEach(r -> r.attach(this));
    }

    // Fetch keys --------------------------------------------------------------------------------------------------------

    /** See {@link Arm64Cpu#fetchContext}. */
    public void context(int next) {
        context = next;
        if (keyOfContext[next] == 0 || next == SoftTlb.MISS) {
            keyOfContext[next] = ++lastKey;
        }
        cpu.fetchKey = keyOfContext[next];
    }

    /** See {@link Arm64Cpu#fetchTranslationsChanged}. */
    public void translationsChanged() {
        java.util.Arrays.fill(keyOfContext, 0);
        context(context);
    }

    // Finding blocks ----------------------------------------------------------------------------------------------------

    /** The block at {@code address} if it is known, else null after {@code cpu.branchTo(address)}. */
    public Block jumpTo(long address) {
        CodePage p = places[(int) (address >>> 12) & PLACES - 1];
        if (p != null && p.va == (address & -4093L) && p.key == cpu.fetchKey) {
            Block b = p.blocks[(int) (address >>> 2) & CodeBytes.WORDS - 1];
            if (b != null) {
                return b;
            }
        }
        cpu.branchTo(cpu.mmu.branchAddress(address));
        return null;
    }

    /**
     * The same for a branch that sets PSTATE.BTYPE.
     *
     * @param type what it sets it to from a guarded page
     */
    public Block jumpTo(long address, int type) {
        CodePage p = places[(int) (address >>> 12) & PLACES - 1];
        if (p != null && p.open == (address & -4093L) && p.key == cpu.fetchKey) {
            Block b = p.blocks[(int) (address >>> 2) & CodeBytes.WORDS - 1];
            if (b != null) {
                return b;
            }
        }
        return types.implemented ? jumpChecked(address, type) : jumpTo(address);
    }

    /** BR by a register other than X16 and X17 has a type of its own only from a guarded page (Arm ARM, "Effect of indirect branches"). */
    private Block jumpChecked(long address, int type) {
        cpu.btype = type == BR && !cpu.engine.inGuardedPage() ? BR_THROUGH : type;
        Block b = jumpTo(address);
        if (b == null || !b.page.guarded || b.singles[0].landing(cpu)) {
            return b;
        }
        cpu.branchTo(address);
        return null;
    }

    /** The block at {@code cpu.pc}; decodes it if need be. Raises the exception of a fetch that fails. */
    Block atPc() {
        long pc = cpu.pc;
        CodePage p = page(pc);
        int index = (int) (pc >>> 2) & CodeBytes.WORDS - 1;
        Block b = p.blocks[index];
        if (b == null) {
            if (decoded > MOST_DECODED) {
                killBlocks();
            }
            b = builder.build(p, pc);
            decoded += b.singles.length;
            translator.built(b);
            p.blocks[index] = b;
            if ((p.bytes.suspect & linesOf(b)) != 0) {
                b.suspect();
            }
            if (stopsAt(pc)) {
                b.count = Block.NOT_SIMPLY;
            }
        }
        return b;
    }

    /** Ends and begins blocks at {@code pcs}: all are made anew, from the same fetched words. */
    void watch(long[] pcs) {
        watched = pcs;
        killBlocks();
    }

    boolean watches(long pc) {
        for (long w : watched) {
            if (w == pc) {
                return true;
            }
        }
        return false;
    }

    /** {@link #watch} for a debugger. */
    void stops(StopPoints points) {
        stops = points;
        killBlocks();
    }

    /** No block runs across {@code pc} or begins there unseen. */
    boolean stopsAt(long pc) {
        return watches(pc) || stops.at(pc);
    }

    private void killBlocks() {
        for (CodeBytes b : bytes.values()) {
            b.forBlocks(0, 63, Block::kill);
        }
        decoded = 0;
    }

    /** Instructions decoded and not dropped, those in several blocks counted in each. */
    int decoded() {
        return decoded;
    }

    /** Pages with fetched lines. */
    int pages() {
        return bytes.size();
    }

    /** Address of the last instruction of the block that begins at {@code pc}; {@code pc} itself if it is no longer known. */
    long lastOfBlock(long pc) {
        for (CodePage p : pages.values()) {
            Block b = p.va == (pc & -4096L) ? p.blocks[(int) (pc >>> 2) & CodeBytes.WORDS - 1] : null;
            if (b != null) {
                return pc + 4L * (b.singles.length - 1);
            }
        }
        return pc;
    }

    static long linesOf(Block b) {
        int first = (int) (b.pc >>> 2) & CodeBytes.WORDS - 1;
        return CodeBytes.bits(CodeBytes.line(first), CodeBytes.line(first + b.singles.length - 1));
    }

    private CodePage page(long pc) {
        CodePage p = places[(int) (pc >>> 12) & PLACES - 1];
        if (p != null && p.va == (pc & -4093L) && p.key == cpu.fetchKey) {
            return p;
        }
        return translated(pc);
    }

    private CodePage translated(long pc) {
        if ((pc & 3) != 0) {
            throw cpu.exceptions.pcAlignment(pc);
        }
        cpu.mmu.translate(pc, Mmu.FETCH);
        long pa = cpu.mmu.pa & -4096L;
        boolean cacheable = cpu.mmu.cacheable;
        Ram ram = cpu.machine.bus().ram(pa);
        if (ram == null) {
            throw cpu.exceptions.externalAbort(pc, Mmu.FETCH);
        }
        boolean guarded = types.implemented && cpu.mmu.guarded;
        int place = (int) (pc >>> 12) & PLACES - 1;
        CodePage p = places[place];
        if (p == null || p.va != (pc & -4096L) || !p.is(pa, cacheable, guarded)) {
            p = page(ram, pa, cacheable, pc & -4096L, guarded);
            places[place] = p;
        }
        p.key = cpu.fetchKey;
        if (pa == (pc & -4096L) && cpu.el != 0) {
            identityPage.run();
        }
        return p;
    }

    private CodePage page(Ram ram, long pa, boolean cacheable, long va, boolean guarded) {
        if (bytes.size() >= MOST_PAGES) {
            dropAll();
        }
        CodeBytes b = bytes.computeIfAbsent(new BytesKey(pa, cacheable), k -> new CodeBytes(ram, k.pa, k.cacheable));
        return pages.computeIfAbsent(new PageKey(b, va, guarded), CodeCache::newPage);
    }

    private static CodePage newPage(PageKey k) {
        CodePage p = new CodePage(k.bytes, k.va, k.guarded);
        k.bytes.pages.add(p);
        return p;
    }

    // Maintenance -------------------------------------------------------------------------------------------------------

    /** {@code IC IALLU}. */
    public void invalidateAll() {
        dropAll();
    }

    /** {@code IC IVAU} of the line that holds physical address {@code pa}. */
    public void invalidateLine(long pa) {
        invalidateLines(pa, 1);
    }

    /** {@code IC IVAU} of every line that [pa, pa + bytes) touches, within one page. */
    public void invalidateLines(long pa, long bytes) {
        drop(pa, bytes, true);
        drop(pa, bytes, false);
    }

    private void drop(long pa, long size, boolean cacheable) {
        CodeBytes b = bytes.get(new BytesKey(pa & -4096L, cacheable));
        if (b == null) {
            return;
        }
        int first = (int) (pa & 4095) / Ram.LINE;
        int last = (int) (pa + size - 1 & 4095) / Ram.LINE;
        long lines = CodeBytes.bits(first, last) & b.valid;
        if (lines == 0) {
            return;
        }
        b.drop(lines);
        b.forBlocks(first, last, Block::kill);
        if (b.valid == 0) {
            forget(b);
        }
    }

    /** No line of the page is left: stores to it need not be watched any longer. */
    private void forget(CodeBytes b) {
        b.release();
        bytes.remove(new BytesKey(b.pa, b.cacheable));
        for (CodePage p : b.pages) {
            pages.remove(new PageKey(b, p.va, p.guarded));
            p.key = 0;
        }
    }

    private void dropAll() {
        for (CodeBytes b : bytes.values()) {
            b.forBlocks(0, 63, Block::kill);
            b.release();
        }
        bytes.clear();
        pages.clear();
        decoded = 0;
        java.util.Arrays.fill(places, null);
    }

    // Snapshot ----------------------------------------------------------------------------------------------------------

    /** The cache is state: a stale line executes the same after a snapshot as it would have without. */
    void save(StateWriter out) {
        List<CodeBytes> held = new ArrayList<>(bytes.values());
        held.sort(Comparator.comparingLong((CodeBytes b) -> b.pa).thenComparing(b -> b.cacheable));
        out.u32(held.size());
        for (CodeBytes b : held) {
            b.save(out);
        }
    }

    /** Reads what {@link #save} wrote; it takes effect in {@link #dropDerived}, when memory is loaded too. */
    void load(StateReader in) {
        loaded.clear();
        for (int n = in.u32(); n > 0; n--) {
            loaded.add(CodeBytes.Saved.read(in));
        }
    }

    /** Drops all decoded code, and installs the lines of a snapshot that was just loaded. */
    public void dropDerived() {
        dropAll();
        for (CodeBytes.Saved l : loaded) {
            Ram ram = cpu.machine.bus().ram(l.pa());
            if (ram == null || l.words().length != CodeBytes.WORDS) {
                throw new IllegalArgumentException("snapshot: instruction cache lines of 0x" + Long.toHexString(l.pa())
                        + ", which is no RAM");
            }
            CodeBytes b = new CodeBytes(ram, l.pa(), l.cacheable());
            b.restore(l);
            bytes.put(new BytesKey(l.pa(), l.cacheable()), b);
        }
        loaded.clear();
    }

    @Override
    public void codeChanged(long pa, long size, View view) {
        long from = pa;
        long end = pa + size;
        while (from < end) {
            long step = Math.min(end - from, 4096 - (from & 4095));
            changed(from, step, view);
            from += step;
        }
    }

    private void changed(long pa, long size, View view) {
        Ram ram = cpu.machine.bus().ram(pa);
        if (ram.policy().kind() == CachePolicy.Kind.NONE) {
            invalidateLines(pa, size);
            return;
        }
        CodeBytes b = bytes.get(new BytesKey(pa & -4096L, view == View.CACHED));
        if (b == null) {
            return;
        }
        int first = (int) (pa & 4095) / Ram.LINE;
        int last = (int) (pa + size - 1 & 4095) / Ram.LINE;
        long lines = b.changed(CodeBytes.bits(first, last), cpu.machine.clock().now());
        if (lines != 0) {
            b.forBlocks(first, last, Block::suspect);
        }
    }
}
