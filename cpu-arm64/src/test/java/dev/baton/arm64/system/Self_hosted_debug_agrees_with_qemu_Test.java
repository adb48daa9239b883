package dev.baton.arm64.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Breakpoints, watchpoints and software step under every control: QEMU and we agree on each exception that is taken. */
class Self_hosted_debug_agrees_with_qemu_Test {
    private static final long CASES = 0x4018_2000L;
    private static final long CODE = 0x4080_0000L;
    private static final long DATA = 0x4090_0000L;
    private static final long RW = 1L << 31;
    private static final long TGE = 1L << 27;
    private static final long SS = 1;
    private static final long KDE = 1L << 13;
    private static final long MDE = 1L << 15;
    private static final long TDE = 1L << 8;
    private static final int WORDS = 16;

    /** What steps meet: branches, an exclusive, a system call, an instruction that is UNDEFINED. */
    private static final String STEPS = """
             nop
             ldr x1, [x0]
             ldxr x2, [x0]
             clrex
             svc #5
             cbz xzr, 1f
             nop
            1: add x1, x1, #1
             bl 2f
            2: brk #1
            """;
    private static final String ACCESSES = """
             ldrb w1, [x0]
             ldrh w1, [x0, #2]
             ldr w1, [x0, #4]
             ldr x1, [x0, #8]
             strb w1, [x0, #7]
             strh w1, [x0, #4]
             str w1, [x0]
             str x1, [x0, #16]
             ldtr x1, [x0]
             sttr w1, [x0, #12]
             ldp w1, w2, [x0, #8]
             stp w1, w2, [x0, #8]
             ldar w1, [x0]
             stlr x1, [x0]
             brk #1
            """;

    private record Case(String what, long... words) { }

    @TempDir
    Path dir;

    private final List<Case> cases = new ArrayList<>();
    private final Random random = new Random(20);

    private static long spsr(int el, boolean masked, boolean step) {
        return (el == 0 ? 0 : 5) | (masked ? 0x3c0 : 0) | (step ? 1L << 21 : 0);
    }

    private static boolean bit(int n, int bit) {
        return (n >>> bit & 1) != 0;
    }

    private void steps() {
        for (int i = 0; i < 64; i++) {
            int el = i & 1;
            long controls = SS | (bit(i, 1) ? KDE : 0);
            long mdcr = bit(i, 2) ? TDE : 0;
            long hcr = RW | (bit(i, 3) && el == 0 ? TGE : 0);
            cases.add(new Case("steps " + i, CODE, spsr(el, bit(i, 4), bit(i, 5)), controls, mdcr, hcr, 0, 0, 0, 0, 0, 0, 0, 0, 0, DATA,
                    1 + random.nextInt(10)));
        }
    }

    private void breakpoints() {
        for (int i = 0; i < 600; i++) {
            int el = random.nextInt(2);
            long mdscr = (random.nextInt(8) == 0 ? 0 : MDE) | (random.nextBoolean() ? KDE : 0) | (random.nextInt(8) == 0 ? SS : 0);
            long mdcr = random.nextInt(4) == 0 ? TDE : 0;
            long hcr = RW | (random.nextInt(4) == 0 && el == 0 ? TGE : 0);
            boolean linked = random.nextInt(3) == 0;
            long control = random.nextInt(10) == 0 ? 0 : 1 | random.nextInt(4) << 1 | 0xf << 5 | random.nextInt(2) << 13
                    | (random.nextInt(3) == 0 ? 1 << 14 : 0) | (linked ? 1 << 20 | 5 << 16 : 0);
            long other = random.nextInt(6) == 0 ? 0 : 1 | 3 << 1 | 0xf << 5 | 3 << 20;
            cases.add(new Case("breakpoint " + i, CODE, spsr(el, random.nextInt(4) == 0, random.nextBoolean()), mdscr, mdcr, hcr, 7,
                    CODE + 4 * random.nextInt(11), control, random.nextInt(3) == 0 ? 6 : 7, other, 0, 0, 0, 0, DATA, 3));
        }
    }

    private long watch() {
        boolean byMask = random.nextInt(4) == 0;
        int from = random.nextInt(8);
        int to = from + random.nextInt(8 - from);
        long bytes = byMask ? 0xff : (0xff >>> 7 - (to - from)) << from;
        return 1 | random.nextInt(4) << 1 | random.nextInt(4) << 3 | bytes << 5 | random.nextInt(2) << 13
                | (byMask ? 3L + random.nextInt(3) << 24 : 0);
    }

    private void watchpoints() {
        for (int i = 0; i < 600; i++) {
            int el = random.nextInt(2);
            long mdscr = (random.nextInt(16) == 0 ? 0 : MDE) | (random.nextInt(4) == 0 ? 0 : KDE);
            long mdcr = random.nextInt(4) == 0 ? TDE : 0;
            cases.add(new Case("watchpoint " + i, CODE + 0x1000, spsr(el, random.nextInt(8) == 0, false), mdscr, mdcr, RW, 0, 0, 0, 0, 0,
                    watched(), watch(), watched(), random.nextInt(3) == 0 ? watch() : 0, DATA, 3));
        }
    }

    private long watched() {
        return DATA + 8 * random.nextInt(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"neoverse-n1", "max"})
    void exception_by_exception(String model) throws Exception {
        steps();
        breakpoints();
        watchpoints();
        long[] words = new long[WORDS * (cases.size() + 1)];
        for (int i = 0; i < cases.size(); i++) {
            System.arraycopy(cases.get(i).words, 0, words, WORDS * i, WORDS);
        }
        try (QemuSystem q = new QemuSystem(dir, 2, model)) {
            q.program("debug.S");
            q.place(CASES, QemuSystem.words(words));
            q.place(CODE, assembled(q, STEPS));
            q.place(CODE + 0x1000, assembled(q, ACCESSES));
            compare(q.qemu(), q.ours());
        }
    }

    private byte[] assembled(QemuSystem q, String code) throws Exception {
        Path source = dir.resolve("code.s");
        Files.writeString(source, code);
        return q.assemble(source);
    }

    private void compare(List<String> qemu, List<String> ours) {
        List<String> differences = new ArrayList<>();
        int exceptions = 0;
        for (int i = 0; i < cases.size(); i++) {
            // The first line is empty: each case ends the line before it.
            String theirs = i + 1 < qemu.size() ? qemu.get(i + 1) : "nothing";
            String here = i + 1 < ours.size() ? ours.get(i + 1) : "nothing";
            exceptions += here.split(";").length;
            if (!theirs.equals(here)) {
                Case c = cases.get(i);
                String[] hex = Arrays.stream(c.words).mapToObj(Long::toHexString).toArray(String[]::new);
                differences.add("%s %s%n   QEMU %s%n   here %s".formatted(c.what, String.join(" ", hex), theirs, here));
            }
        }
        assertEquals("", String.join("\n", differences.stream().limit(12).toList()), differences.size() + " of " + cases.size());
        assertTrue(exceptions > 3000, "exceptions: " + exceptions);
    }
}
