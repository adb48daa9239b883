package dev.baton.arm64.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.mem.View;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One guest program ({@code accesses.S}) makes loads, stores, calls, unprivileged accesses and address translations over a
 * matrix of mappings, under {@code qemu-system-aarch64} and here; every syndrome, fault address, saved PSTATE and PAR must be
 * the same. Left out: cache maintenance, where QEMU does nothing, not even fault; AT of Non-cacheable memory, where QEMU 7.2
 * reports the shareability of the descriptor and the Arm ARM says Outer Shareable.
 */
class Accesses_agree_with_qemu_Test {
    private static final long CODE = QemuSystem.CODE;
    private static final long CONTROLS = 0x4018_1000L;
    private static final long CASES = 0x4018_2000L;
    private static final long TABLES = 0x4020_0000L;
    private static final int TABLE_BYTES = 0x20_0000;
    private static final long TARGET = 0x4050_0000L;
    private static final long USER = 0x4060_0000L;
    private static final long UART = 0x0900_0000L;
    private static final int SVC_1 = 0xd4000021;
    private static final int END = 0x1f;
    private static final int WITH_PAN = 0x10;
    private static final int[] KINDS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, WITH_PAN, WITH_PAN | 1, WITH_PAN | 2, WITH_PAN | 3,
        WITH_PAN | 4, WITH_PAN | 8, WITH_PAN | 9};

    private record Case(long va, int kind, String what) { }

    @TempDir
    Path dir;

    /** Granule, input size, more bits of SCTLR_EL1 (WXN, A), more bits of TCR_EL1 (TBI0, IPS = 0). */
    @ParameterizedTest
    @CsvSource({"12,48,0x800000,0", "14,48,0x800000,0", "16,48,0x800000,0", "12,39,0x880000,0x2000000000", "14,47,0x800002,0",
            "16,42,0x80000,0"})
    void every_access_of_the_matrix(int pageBits, int inputBits, String sctlr, String tcr) throws Exception {
        try (QemuSystem q = new QemuSystem(dir, 1)) {
            List<Case> cases = new ArrayList<>();
            Tables t = new Tables(q.bare.ram, pageBits, inputBits, TABLES, true);
            map(t, pageBits, inputBits, cases);
            q.program("accesses.S");
            q.place(CONTROLS, QemuSystem.words(Tables.MAIR, t.tcr() | Long.decode(tcr), t.root, t.root, 0x1005 | Long.decode(sctlr)));
            q.place(CASES, encoded(cases));
            q.place(TARGET, QemuSystem.words(SVC_1 & 0xffff_ffffL));
            byte[] tables = new byte[TABLE_BYTES];
            q.bare.ram.peek(TABLES, tables, 0, TABLE_BYTES, View.CACHED);
            q.place(TABLES, tables);
            compare(cases, q.qemu(), q.ours());
        }
    }

    private static void compare(List<Case> cases, List<String> qemu, List<String> ours) {
        assertEquals(cases.size(), qemu.size(), "QEMU made every access");
        for (int i = 0; i < cases.size(); i++) {
            Case c = cases.get(i);
            assertEquals(qemu.get(i), i < ours.size() ? ours.get(i) : "nothing",
                    () -> "%s, kind %s, va 0x%x: ESR FAR SPSR result"
                    .formatted(c.what, c.kind, c.va));
        }
        assertTrue(cases.size() > 1500, "the matrix is there: " + cases.size());
    }

    // The matrix ----------------------------------------------------------------------------------------------------------

    private static void map(Tables t, int pageBits, int inputBits, List<Case> cases) {
        long page = 1L << pageBits;
        for (long a = CODE; a < TABLES; a += page) {
            t.page(a, a, Tables.NORMAL | Tables.READ_ONLY | Tables.UXN);
        }
        t.page(USER, CODE, Tables.NORMAL | Tables.READ_ONLY | Tables.USER | Tables.PXN);
        t.page(UART, UART, Tables.DEVICE | Tables.UXN | Tables.PXN);
        long region = 0x1_0000_0000L;
        for (long hierarchy = 0; hierarchy < 16; hierarchy += hierarchy < 4 ? 1 : 4) {
            for (int rights = 0; rights < 16; rights++) {
                long va = region + rights * page;
                t.page(va, TARGET, Tables.NORMAL | (rights & 3L) << 6 | (rights & 12L) << 51);
                each(cases, va, "AP %d, XN %d, table %d".formatted(rights & 3, rights >> 2, hierarchy));
            }
            t.hierarchy(region, 2, hierarchy << 59 >>> 2 << 2);
            region += 0x1_0000_0000L;
        }
        faults(t, page, cases, inputBits, region);
    }

    private static void faults(Tables t, long page, List<Case> cases, int inputBits, long region) {
        long va = region;
        t.page(va, TARGET, Tables.NORMAL & ~Tables.AF);
        each(cases, va, "no access flag");
        t.put(t.descriptor(va + page, 3), TARGET | Tables.NORMAL | 1);
        each(cases, va + page, "reserved at level 3");
        t.page(va + 2 * page, TARGET | 1L << 47, Tables.NORMAL);
        each(cases, va + 3 * page, "nothing at level 3");
        for (int level = t.firstLevel(); level < 3; level++) {
            long hole = 1L << t.shift(level) + 1 | 1L << t.shift(3);
            if (hole >>> inputBits == 0 && t.get(t.descriptor(hole, level)) == 0) {
                each(cases, hole, "nothing at level " + level);
            }
        }
        each(cases, 1L << inputBits, "just beyond the lower half");
        each(cases, -1L << inputBits | va, "upper half, no access flag");
        each(cases, -1L << inputBits | 0x1_0000_0000L + page, "upper half, AP 1");
        each(cases, 0x5aL << 56 | 0x1_0000_0000L, "tagged");
        t.page(va + 4 * page, TARGET, Tables.NORMAL & ~Tables.SH_INNER | Tables.USER | Tables.NG);
        each(cases, va + 4 * page, "not shareable, nG");
    }

    private static void each(List<Case> cases, long va, String what) {
        for (int kind : KINDS) {
            cases.add(new Case(va, kind, what));
        }
    }

    private static byte[] encoded(List<Case> cases) {
        long[] words = new long[2 * cases.size() + 2];
        for (int i = 0; i < cases.size(); i++) {
            words[2 * i] = cases.get(i).va;
            words[2 * i + 1] = cases.get(i).kind;
        }
        words[2 * cases.size() + 1] = END;
        return QemuSystem.words(words);
    }
}
