package dev.baton.arm64.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Every instruction that makes, checks or strips a code, over address sizes, tagging and pointers good and bad: QARMA5 and we agree. */
class Pointer_authentication_agrees_with_qemu_Test {
    private static final long KEYS = 0x4018_1000L;
    private static final long CASES = 0x4018_2000L;
    private static final long STUBS = 0x4080_0000L;
    private static final int RET = 0xd65f_03c0;
    private static final int NUMBER = 4000;
    private static final long BIT55 = 1L << 55;

    /** PACIA to AUTDB and PACIZA to AUTDZB of X0 and X1, XPACI, XPACD, PACGA, and PACIA1716 to AUTIB1716 on X17 and X16. */
    private static final List<int[]> STUB_WORDS = stubWords();

    @TempDir
    Path dir;

    private record Case(int stub, long tcr, long pointer, long modifier) {
        private long[] words() {
            return new long[] {STUBS + 32L * stub, tcr, pointer, modifier};
        }
    }

    private static List<int[]> stubWords() {
        List<int[]> all = new ArrayList<>();
        for (int op = 0; op < 8; op++) {
            all.add(new int[] {0xdac1_0020 | op << 10});
            all.add(new int[] {0xdac1_23e0 | op << 10});
        }
        all.add(new int[] {0xdac1_43e0});
        all.add(new int[] {0xdac1_47e0});
        all.add(new int[] {0x9ac1_3000});
        for (int op = 0; op < 8; op += 2) {
            // MOV X17, X0; MOV X16, X1; the hint; MOV X0, X17
            all.add(new int[] {0xaa00_03f1, 0xaa01_03f0, 0xd503_211f | op << 5, 0xaa11_03e0});
        }
        return all;
    }

    /** T0SZ and T1SZ are one size, with TBI0, TBI1, TBID0, TBID1. */
    private static long tcr(Random random) {
        long size = random.nextBoolean() ? 16 : 16 + random.nextInt(24);
        return size << 16 | size | (long) random.nextInt(4) << 37 | (long) random.nextInt(4) << 51;
    }

    /** QEMU 7.2 takes the half from bit 63 where only the other half ignores its top byte; the Arm ARM from bit 55. */
    private static boolean differsInQemu(long tcr, long pointer) {
        long tags = tcr >>> 37 & 3 & ~(tcr >>> 51 & 3);
        boolean one = (tcr >>> 37 & 3) != 0 && (tcr >>> 37 & 3) != 3 || tags != 0 && tags != 3;
        return one && (pointer >>> 63 != (pointer & BIT55) >>> 55);
    }

    private static List<Case> cases(Random random) {
        List<Case> cases = new ArrayList<>();
        while (cases.size() < NUMBER) {
            long address = random.nextLong() >>> 16 + random.nextInt(24);
            long pointer = switch (random.nextInt(4)) {
                case 0 -> address;
                case 1 -> address | -1L << 48;
                case 2 -> address | (long) random.nextInt(256) << 56;
                default -> random.nextLong();
            };
            long tcr = tcr(random);
            if (!differsInQemu(tcr, pointer)) {
                cases.add(new Case(random.nextInt(STUB_WORDS.size()), tcr, pointer, random.nextInt(3) == 0 ? 0 : random.nextLong()));
            }
        }
        return cases;
    }

    @Test
    void codes_checks_and_stripped_pointers_are_the_same() throws Exception {
        List<Case> first = cases(new Random(11));
        List<String> codes = run(first);
        long changed = java.util.stream.IntStream.range(0, NUMBER)
                .filter(i -> Long.parseUnsignedLong(codes.get(i), 16) != first.get(i).pointer).count();
        assertTrue(changed > NUMBER / 2, changed + " pointers changed");
        // What a PAC instruction made goes to the AUT instruction of its key, with the right modifier.
        List<Case> second = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
            Case c = first.get(i);
            if (isAdd(c.stub) && !differsInQemu(c.tcr, Long.parseUnsignedLong(codes.get(i), 16))) {
                second.add(new Case(c.stub + (c.stub < 16 ? 8 : 2), c.tcr, Long.parseUnsignedLong(codes.get(i), 16), c.modifier));
            }
        }
        run(second);
    }

    /** PACIA to PACDB are stubs 0, 2, 4, 6, with zero behind each; the AUT of each is 8 stubs on, that of PACIA1716 two. */
    private static boolean isAdd(int stub) {
        return stub < 8 || stub == 19 || stub == 20;
    }

    private List<String> run(List<Case> cases) throws Exception {
        try (QemuSystem q = new QemuSystem(dir, 1, "max")) {
            q.program("pauth.S");
            q.place(KEYS, QemuSystem.words(new Random(5).longs(10).toArray()));
            q.place(STUBS, stubs());
            List<Long> words = new ArrayList<>();
            cases.forEach(c -> {
                for (long w : c.words()) {
                    words.add(w);
                }
            });
            words.add(0L);
            words.add(0L);
            q.place(CASES, QemuSystem.words(words.stream().mapToLong(Long::longValue).toArray()));
            List<String> qemu = q.qemu();
            compare(cases, qemu, q.ours());
            return qemu;
        }
    }

    private static void compare(List<Case> cases, List<String> qemu, List<String> ours) {
        assertEquals(cases.size(), qemu.size(), "QEMU came to the end");
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            if (i >= ours.size() || !qemu.get(i).equals(ours.get(i))) {
                Case c = cases.get(i);
                differences.add("stub %d, TCR %x, pointer %016x, modifier %x: QEMU %s, here %s".formatted(c.stub, c.tcr, c.pointer,
                        c.modifier, qemu.get(i), i < ours.size() ? ours.get(i) : "nothing"));
            }
        }
        assertEquals("", String.join("\n", differences.stream().limit(10).toList()), differences.size() + " of " + cases.size());
    }

    private static byte[] stubs() {
        java.nio.ByteBuffer b = java.nio.ByteBuffer.allocate(32 * STUB_WORDS.size()).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < STUB_WORDS.size(); i++) {
            b.position(32 * i);
            for (int w : STUB_WORDS.get(i)) {
                b.putInt(w);
            }
            b.putInt(RET);
        }
        return b.array();
    }
}
