package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.table.Disassembler;
import dev.baton.core.finding.Finding;
import dev.baton.core.mem.View;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Looks at blocks whose memory changed after they were fetched, when they are about to execute.
 *
 * <p>A kernel that patches itself runs through its own patch sites between the store and the IC IVAU, on this CPU or another.
 * That is sound for the instructions that may be modified while they execute (Arm ARM, "Concurrent modification and execution
 * of instructions"), so such a word is not judged until {@link #PATCHING} is over. Measured on Debian's 6.1: ftrace and the
 * alternatives (which patch their own caller, then invalidate everything at once) do this at boot.
 */
final class StaleCode {
    private static final String RULE = "stale-instruction-executed";
    /** Nanoseconds of virtual time that a kernel may take from the store of a patch to its maintenance, slices of others included. */
    private static final long PATCHING = 20_000_000;

    private final Arm64Cpu cpu;

    StaleCode(Arm64Cpu cpu) {
        this.cpu = cpu;
    }

    /** Reports the first instruction that is older than memory; trusts the block again if there is none. */
    void check(Block b) {
        CodeBytes bytes = b.page.bytes;
        byte[] now = new byte[4 * b.singles.length];
        long pa = bytes.pa + (b.pc & 4095);
        bytes.ram.peek(pa, now, 0, now.length, bytes.cacheable ? View.CACHED : View.POC);
        boolean patching = cpu.machine.clock().now() - bytes.changedAt < PATCHING;
        boolean same = true;
        for (int i = 0; i < b.singles.length; i++) {
            int word = word(now, 4 * i);
            same &= word == b.word(i);
            if (word != b.word(i) && !(patching && mayBePatchedLive(b.word(i)))) {
                report(b.pc + 4L * i, pa + 4L * i, b.word(i), word, bytes.changedAt);
                return;
            }
        }
        if (same) {
            b.trust();
            bytes.trusted(CodeCache.linesOf(b));
        }
    }

    /** B, BL, B.cond, the hints with ISB, and the instructions that generate exceptions. */
    private static boolean mayBePatchedLive(int word) {
        boolean branch = (word & 0x7c00_0000) == 0x1400_0000 || (word & 0xff00_0000) == 0x5400_0000;
        boolean hint = (word & 0xffff_f01f) == 0xd503_201f || word == 0xd503_3fdf;
        return branch || hint || (word & 0xff00_0000) == 0xd400_0000;
    }

    private static int word(byte[] b, int i) {
        return b[i] & 0xff | (b[i + 1] & 0xff) << 8 | (b[i + 2] & 0xff) << 16 | b[i + 3] << 24;
    }

    private void report(long pc, long pa, int executed, int inMemory, long changedAt) {
        String key = RULE + ":" + cpu.index() + ":" + Long.toHexString(pa);
        if (cpu.machine.findings().reported(key)) {
            return;
        }
        Map<String, String> details = new LinkedHashMap<>();
        details.put("va", "0x" + Long.toHexString(pc));
        details.put("pa", "0x" + Long.toHexString(pa));
        details.put("executed", "0x%08x %s".formatted(executed, Disassembler.disassemble(executed, pc)));
        details.put("memory", "0x%08x %s".formatted(inMemory, Disassembler.disassemble(inMemory, pc)));
        details.put("changed at", Long.toString(changedAt));
        details.put("missing", "IC IVAU (or IALLU) after the store, then DSB and ISB");
        cpu.machine.findings().report(key, new Finding(RULE, Finding.Severity.ERROR,
                "an instruction was executed that memory no longer holds: its line was not invalidated in the instruction cache",
                cpu.index(), pc, cpu.machine.clock().now(), details, "Arm DDI 0487 B2.3.10, D7.5.9"));
    }
}
