package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.mmu.Mmu;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.CodeWatcher;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.SoftTlb;
import dev.baton.core.mem.View;

import java.util.HashMap;
import java.util.Map;

/**
 * Decoded code of one CPU: its instruction cache. A line is fetched once, in the view that the MMU and SCTLR.I decide, and stays
 * until IC maintenance drops it; only where the caches are coherent (policy {@code none}) does a store drop it.
 *
 * <p>Translations of fetches are remembered under a <em>fetch key</em>, a number that stands for one state of one translation
 * context: it changes whenever anything that decides a fetch may have changed.
 */
public final class CodeCache implements CodeWatcher {
    private static final int PLACES = 512;

    private record BytesKey(long pa, boolean cacheable) { }

    private record PageKey(CodeBytes bytes, long va) { }

    /** {@link #watchedPc} when there is none: misaligned, so no PC equals it. */
    static final long NOTHING_WATCHED = 1;

    /** No block runs across this address, and the one that begins there is not simply run. */
    long watchedPc = NOTHING_WATCHED;
    private final Arm64Cpu cpu;
    private final BlockBuilder builder;
    private final Map<BytesKey, CodeBytes> bytes = new HashMap<>();
    private final Map<PageKey, CodePage> pages = new HashMap<>();
    /** By virtual page, direct-mapped. */
    private final CodePage[] places = new CodePage[PLACES];
    private final long[] keyOfContext = new long[Mmu.CONTEXTS];
    private long lastKey;
    private int context;

    CodeCache(Arm64Cpu cpu) {
        this.cpu = cpu;
        builder = new BlockBuilder(cpu);
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

    /** The block at {@code cpu.pc}; decodes it if need be. Raises the exception of a fetch that fails. */
    Block atPc() {
        long pc = cpu.pc;
        CodePage p = page(pc);
        int index = (int) (pc >>> 2) & CodeBytes.WORDS - 1;
        Block b = p.blocks[index];
        if (b == null) {
            b = builder.build(p, pc, watchedPc);
            p.blocks[index] = b;
            if ((p.bytes.suspect & linesOf(b)) != 0) {
                b.suspect();
            }
            if (pc == watchedPc) {
                b.count = Block.NOT_SIMPLY;
            }
        }
        return b;
    }

    /** Ends and begins blocks at {@code pc}: all are made anew, from the same fetched words. */
    void watch(long pc) {
        watchedPc = pc;
        for (CodeBytes b : bytes.values()) {
            b.forBlocks(0, 63, Block::kill);
        }
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
        CodeBytes b = bytes.computeIfAbsent(new BytesKey(pa, cacheable), k -> newBytes(ram, k));
        CodePage p = pages.computeIfAbsent(new PageKey(b, pc & -4096L), CodeCache::newPage);
        p.key = cpu.fetchKey;
        places[(int) (pc >>> 12) & PLACES - 1] = p;
        return p;
    }

    private static CodeBytes newBytes(Ram ram, BytesKey k) {
        ram.codeHeld(k.pa);
        return new CodeBytes(ram, k.pa, k.cacheable);
    }

    private static CodePage newPage(PageKey k) {
        CodePage p = new CodePage(k.bytes, k.va);
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
        b.valid &= ~lines;
        b.suspect &= ~lines;
        b.forBlocks(first, last, Block::kill);
        if (b.valid == 0) {
            forget(b);
        }
    }

    /** No line of the page is left: stores to it need not be watched any longer. */
    private void forget(CodeBytes b) {
        bytes.remove(new BytesKey(b.pa, b.cacheable));
        for (CodePage p : b.pages) {
            pages.remove(new PageKey(b, p.va));
            p.key = 0;
        }
        b.ram.codeDropped(b.pa);
    }

    /** Drops every line: IC IALLU, and after a snapshot was loaded. */
    public void dropAll() {
        for (CodeBytes b : bytes.values()) {
            b.forBlocks(0, 63, Block::kill);
            b.ram.codeDropped(b.pa);
        }
        bytes.clear();
        pages.clear();
        java.util.Arrays.fill(places, null);
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
        long lines = CodeBytes.bits(first, last) & b.valid & ~b.suspect;
        b.changedAt = cpu.machine.clock().now();
        if (lines != 0) {
            b.suspect |= lines;
            b.forBlocks(first, last, Block::suspect);
        }
    }
}
