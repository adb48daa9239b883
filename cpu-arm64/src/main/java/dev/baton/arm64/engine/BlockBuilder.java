package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.a64.FusedPairs;
import dev.baton.arm64.a64.Hints;
import dev.baton.arm64.a64.Idioms;
import dev.baton.arm64.generated.A64Decoder;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Decodes a block from the I-cache lines, which it fetches as it comes to them. */
final class BlockBuilder {
    /** Instructions per block at most. */
    static final int LONGEST = 64;

    private static final int WORDS_PER_LINE = Ram.LINE / 4;

    private final Arm64Cpu cpu;
    private final CodeCache cache;

    BlockBuilder(Arm64Cpu cpu, CodeCache cache) {
        this.cpu = cpu;
        this.cache = cache;
    }

    Block build(CodePage page, long pc) {
        int first = (int) (pc >>> 2) & CodeBytes.WORDS - 1;
        List<Insn> singles = new ArrayList<>();
        Jump jump = null;
        while (jump == null) {
            int index = first + singles.size();
            if (endsBefore(page, index, singles.size())) {
                jump = new FallThrough(page.va + 4L * (index - 1));
                break;
            }
            Insn insn = A64Decoder.decode(word(page.bytes, index), page.va + 4L * index, cpu.features);
            insn.at = singles.size();
            singles.add(insn);
            jump = ending(insn);
        }
        Insn[] all = singles.toArray(Insn[]::new);
        int loop = idiomInside(all, jump, pc);
        return loop == 0 ? assemble(page, pc, all, jump)
                : assemble(page, pc, java.util.Arrays.copyOf(all, loop), new FallThrough(pc + 4L * (loop - 1)));
    }

    /**
     * Where inside these instructions a loop begins that is an idiom, else 0: it gets a block of its own from its first iteration
     * on. With idioms switched off too, so that blocks are the same.
     */
    private static int idiomInside(Insn[] all, Jump jump, long pc) {
        if (!(jump instanceof DirectJump d) || d.target <= pc || d.target >= pc + 4L * all.length) {
            return 0;
        }
        int loop = (int) (d.target - pc) / 4;
        return Idioms.of(java.util.Arrays.copyOfRange(all, loop, all.length), jump, d.target) == null ? 0 : loop;
    }

    private boolean endsBefore(CodePage page, int index, int length) {
        return index == CodeBytes.WORDS || length == LONGEST || length > 0 && cache.stopsAt(page.va + 4L * index);
    }

    private static Jump ending(Insn insn) {
        return switch (insn) {
            case Jump j -> j;
            case SystemInsn s -> new SystemJump(s);
            default -> null;
        };
    }

    private Block assemble(CodePage page, long pc, Insn[] all, Jump jump) {
        int plain = jump instanceof FallThrough ? all.length : all.length - 1;
        Insn idiom = cpu.config.idioms() ? Idioms.of(all, jump, pc) : null;
        List<Insn> body = new ArrayList<>(java.util.Arrays.asList(all).subList(0, plain));
        body.removeIf(i -> Idioms.doesNothing(i) || i instanceof Hints.Bti && !(page.guarded && i.at == 0));
        Jump last = jump;
        if (idiom != null) {
            Jump whole = Idioms.whole(idiom, fuse(body), jump);
            if (whole != null) {
                body.clear();
                last = whole;
            } else {
                body.add(idiom);
            }
        } else if (!body.isEmpty()) {
            Jump fused = FusedPairs.jump(body.getLast(), jump);
            if (fused != null) {
                body.removeLast();
                last = fused;
            }
        }
        int first = (int) (pc >>> 2) & CodeBytes.WORDS - 1;
        int[] words = java.util.Arrays.copyOfRange(page.bytes.words, first, first + all.length);
        return new Block(pc, page, fuse(body), last, all, words);
    }

    private static Insn[] fuse(List<Insn> body) {
        List<Insn> fused = new ArrayList<>(body.size());
        for (int i = 0; i < body.size(); i++) {
            Insn pair = i + 1 < body.size() ? FusedPairs.body(body.get(i), body.get(i + 1)) : null;
            fused.add(pair != null ? pair : body.get(i));
            i += pair != null ? 1 : 0;
        }
        return fused.toArray(Insn[]::new);
    }

    private int word(CodeBytes bytes, int index) {
        int line = CodeBytes.line(index);
        if ((bytes.valid >>> line & 1) == 0) {
            fetchLine(bytes, line);
        }
        if (!bytes.cacheable) {
            bytes.ram.fetch(cpu, bytes.pa + 4L * index, 4, false);
        }
        return bytes.words[index];
    }

    /**
     * Fetches a whole line. Past the caches the rule about dirty lines is checked only for the words that a block takes: what
     * lies beside them, such as a literal, is fetched along and never executed.
     */
    private void fetchLine(CodeBytes bytes, int line) {
        long pa = bytes.pa + (long) line * Ram.LINE;
        if (bytes.cacheable) {
            bytes.ram.fetch(cpu, pa, 4, true);
        }
        byte[] fetched = new byte[Ram.LINE];
        bytes.ram.peek(pa, fetched, 0, Ram.LINE, bytes.cacheable ? View.CACHED : View.POC);
        ByteBuffer.wrap(fetched).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(bytes.words, line * WORDS_PER_LINE, WORDS_PER_LINE);
        bytes.fetched(line);
    }
}
