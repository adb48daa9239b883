package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.generated.A64Decoder;

import java.util.ArrayList;
import java.util.List;

/** Decodes a block from the I-cache lines, which it fetches as it comes to them. */
final class BlockBuilder {
    /** Instructions per block at most. */
    static final int LONGEST = 64;

    private final Arm64Cpu cpu;

    BlockBuilder(Arm64Cpu cpu) {
        this.cpu = cpu;
    }

    Block build(CodePage page, long pc, long watchedPc) {
        int first = (int) (pc >>> 2) & CodeBytes.WORDS - 1;
        List<Insn> singles = new ArrayList<>();
        Jump jump = null;
        while (jump == null) {
            int index = first + singles.size();
            if (endsBefore(page, index, singles.size(), watchedPc)) {
                jump = new FallThrough(page.va + 4L * (index - 1));
                break;
            }
            Insn insn = A64Decoder.decode(word(page.bytes, index), page.va + 4L * index);
            insn.at = singles.size();
            singles.add(insn);
            jump = ending(insn);
        }
        Insn[] all = singles.toArray(Insn[]::new);
        return assemble(page, pc, all, jump);
    }

    private static boolean endsBefore(CodePage page, int index, int length, long watchedPc) {
        return index == CodeBytes.WORDS || length == LONGEST || length > 0 && page.va + 4L * index == watchedPc;
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
        Insn[] body = java.util.Arrays.copyOf(all, plain);
        int first = (int) (pc >>> 2) & CodeBytes.WORDS - 1;
        int[] words = java.util.Arrays.copyOfRange(page.bytes.words, first, first + all.length);
        return new Block(pc, page, body, jump, all, words);
    }

    private int word(CodeBytes bytes, int index) {
        int line = CodeBytes.line(index);
        if ((bytes.valid >>> line & 1) == 0) {
            fetchLine(bytes, line);
        }
        return bytes.words[index];
    }

    private void fetchLine(CodeBytes bytes, int line) {
        int from = line * CodeBytes.WORDS / 64;
        for (int i = from; i < from + CodeBytes.WORDS / 64; i++) {
            bytes.words[i] = (int) bytes.ram.fetch(cpu, bytes.pa + 4L * i, 4, bytes.cacheable);
        }
        bytes.valid |= 1L << line;
    }
}
