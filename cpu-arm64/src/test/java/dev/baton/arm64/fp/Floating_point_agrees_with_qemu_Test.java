package dev.baton.arm64.fp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.generated.A64Decoder;
import dev.baton.arm64.sysreg.CpuModel;
import dev.baton.arm64.sysreg.Features;
import dev.baton.arm64.table.Disassembler;
import dev.baton.arm64.table.InsnTable;
import dev.baton.core.machine.Machine;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Every FP instruction over all pairs of special values and seeded random ones, in all rounding modes, with and without FZ, FZ16, DN and
 * AHP: results, FPSR and NZCV are those of {@code qemu-aarch64 -cpu max}. More with {@code -Dbaton.fp.cases=N} per encoding.
 */
class Floating_point_agrees_with_qemu_Test {
    /** For two operands, enough for all pairs of special values; for one, as many as those need several times over. */
    private static final int CASES = Integer.getInteger("baton.fp.cases", 8_000);
    private static final int CASES_OF_ONE_OPERAND = CASES / 4;
    /** QEMU 7.2 extends the sign of the 16-bit result to 32 bits; FPToFixed(N = 16) written by V[d, 16] does not. */
    private static final String WIDER_IN_QEMU = "FCVTZS_sih";
    /** FPToFixedJS clears Z where a denormal was flushed; QEMU does since 9.1 (its issue 2375), 7.2 does not. */
    private static final String FLUSHED_IN_QEMU = "FJCVTZS";
    private static final int SHOWN = 12;
    private static final int IXC = 1 << 4;

    private final Arm64Cpu cpu = new Arm64Cpu(new Machine(), 0, Arm64Config.defaults().withModel("max"));
    private final List<String> different = new ArrayList<>();

    @Test
    void two_million_operations_give_the_same_results_and_flags() throws IOException, InterruptedException {
        assumeTrue(available(), "needs qemu-aarch64");
        Features features = CpuModel.named("max").features();
        long compared = 0;
        Random random = new Random(1);
        for (InsnTable.Row row : InsnTable.load()) {
            boolean here = row.implemented() && row.features().stream().allMatch(features::has) && isFloatingPoint(row);
            for (int word : here ? FpCases.words(row, random) : List.<Integer>of()) {
                compared += compare(row, word, random.nextLong());
            }
        }
        System.out.println("floating point: " + compared + " operations compared");
        assertEquals(List.of(), different);
        assertTrue(compared >= 2_000_000, compared + " compared");
    }

    private static boolean isFloatingPoint(InsnTable.Row row) {
        return row.factory().startsWith("Fp") || row.factory().startsWith("AdvSimdFp");
    }

    private long compare(InsnTable.Row row, int word, long seed) throws IOException, InterruptedException {
        Insn insn = A64Decoder.decode(word, 0, Features.EVERY);
        if (insn.getClass().getSimpleName().equals("Undefined")) {
            return 0;
        }
        List<FpCases.Case> cases = FpCases.cases(size(row, word), row.field("Rm") == null ? CASES_OF_ONE_OPERAND : CASES, seed);
        boolean general = FpCases.general(row, "Rd");
        List<QemuFp.Result> expected = QemuFp.run(word, general, cases);
        int wrong = 0;
        for (int i = 0; i < cases.size(); i++) {
            QemuFp.Result ours = ours(insn, general, cases.get(i), 0);
            QemuFp.Result theirs = expected.get(i);
            if (row.name().equals(WIDER_IN_QEMU)) {
                theirs = new QemuFp.Result(theirs.low() & 0xffff, theirs.high(), theirs.flags());
            }
            long denormal = cases.get(i).operands()[0] << 1;
            if (row.name().equals(FLUSHED_IN_QEMU) && (cases.get(i).fpcr() & 1 << 24) != 0 && denormal != 0 && denormal >>> 53 == 0) {
                theirs = new QemuFp.Result(theirs.low(), theirs.high(), theirs.flags() & ~(1 << 30));
            }
            // With IXC set before, where the host's arithmetic may do the work, the same but for IXC.
            QemuFp.Result again = ours(insn, general, cases.get(i), IXC);
            boolean same = again.equals(new QemuFp.Result(ours.low(), ours.high(), ours.flags() | IXC));
            if (!(same && ours.equals(theirs)) && wrong++ == 0 && different.size() < SHOWN) {
                long[] v = cases.get(i).operands();
                different.add("%s  %s (%08x) of %x:%x, %x:%x, %x:%x fpcr %x: %s, ours %s".formatted(row.name(),
                        Disassembler.disassemble(word, 0), word, v[1], v[0], v[3], v[2], v[5], v[4], cases.get(i).fpcr(),
                        hex(theirs), hex(ours)));
            }
        }
        return cases.size();
    }

    /** The format in which special values are most telling. */
    private static int size(InsnTable.Row row, int word) {
        if (row.features().contains("FEAT_FP16") || row.name().endsWith("_H")) {
            return 1;
        }
        InsnTable.Field sz = row.field("sz");
        return sz != null ? 2 + sz.of(word) : row.name().endsWith("_D") ? 3 : 2;
    }

    private QemuFp.Result ours(Insn insn, boolean general, FpCases.Case one, int fpsr) {
        System.arraycopy(one.operands(), 0, cpu.v, 0, 6);
        cpu.v[6] = one.operands()[4];
        cpu.v[7] = one.operands()[5];
        cpu.x[4] = one.operands()[0];
        cpu.fpcr = one.fpcr();
        cpu.fpsr = fpsr;
        cpu.nzcv = 0;
        cpu.fpTrapped = false;
        insn.execute(cpu);
        int flags = cpu.fpsr | cpu.nzcv;
        return general ? new QemuFp.Result(cpu.x[8], 0, flags) : new QemuFp.Result(cpu.v[6], cpu.v[7], flags);
    }

    private static String hex(QemuFp.Result r) {
        return "%x:%x flags %x".formatted(r.high(), r.low(), r.flags());
    }

    private static boolean available() {
        try {
            return new ProcessBuilder("qemu-aarch64", "--version").redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
