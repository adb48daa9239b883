package dev.baton.arm64.engine;

import static dev.baton.arm64.engine.Encode.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Insn;
import dev.baton.arm64.a64.Idioms;
import dev.baton.arm64.generated.A64Decoder;
import dev.baton.arm64.sysreg.Features;
import dev.baton.core.mem.CachePolicy;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Loops over memory, with T0 and idioms, T0 without, and the observed stepper: the same registers, flags, both views of memory,
 * findings, instruction counts and trace. Random places, lengths, overlaps, turns, pages unmapped or of another type.
 */
class Idioms_change_nothing_but_speed_Test {
    private static final int X0 = 0;
    private static final int X1 = 1;
    private static final int X2 = 2;
    private static final int NE = 1;
    private static final int LO = 3;
    private static final int XZR = 31;
    /** With VM, DC IVAC at EL1 cleans too. */
    private static final long HCR_RW_VM = 1L << 31 | 1;

    /** x0 target, x1 source, x2 counter in iterations, x3 end of the target, x4 line size; x5 to x12 data. */
    private static final Map<String, int[]> LOOPS = new LinkedHashMap<>();

    static {
        LOOPS.put("copy_page", loop(NE, ldp(5, 6, X1, 0), ldp(7, 8, X1, 16), ldp(9, 10, X1, 32), ldp(11, 12, X1, 48), add(X1, 64),
                stnp(5, 6, X0, 0), stnp(7, 8, X0, 16), stnp(9, 10, X0, 32), stnp(11, 12, X0, 48), add(X0, 64), tst(X1, 12)));
        LOOPS.put("copy_page that loads ahead", loop(NE, tst(X0, 12), stnp(5, 6, X0, -32), ldp(5, 6, X1, 0), stnp(7, 8, X0, -16),
                ldp(7, 8, X1, 16), add(X0, 32), add(X1, 32)));
        LOOPS.put("memcpy of pairs", loop(NE, word("LDP_post", "x", 1, "imm7", 2, "Rt2", 6, "Rn", X1, "Rt", 5),
                word("STP_post", "x", 1, "imm7", 2, "Rt2", 6, "Rn", X0, "Rt", 5), subs(X2, 1)));
        LOOPS.put("memcpy of words", loop(NE, word("LDR_post", "size", 3, "imm9", 8, "Rn", X1, "Rt", 5),
                word("STR_post", "size", 3, "imm9", 8, "Rn", X0, "Rt", 5), word("SUBS_reg", "sf", 1, "Rm", 3, "Rn", X0, "Rd", XZR)));
        LOOPS.put("memcpy of bytes", new int[] {word("LDR_post", "size", 0, "imm9", 1, "Rn", X1, "Rt", 5),
            word("STR_post", "size", 0, "imm9", 1, "Rn", X0, "Rt", 5), word("SUB_imm", "sf", 1, "imm12", 1, "Rn", X2, "Rd", X2),
            word("CBNZ", "sf", 1, "imm19", -3, "Rt", X2)});
        LOOPS.put("memset of zero pairs", loop(LO, word("STP_post", "x", 1, "imm7", 2, "Rt2", XZR, "Rn", X0, "Rt", XZR), cmp(X0, 3)));
        LOOPS.put("memset of a pattern", loop(LO, word("STR_imm", "size", 3, "imm12", 0, "Rn", X0, "Rt", 6),
                word("STR_imm", "size", 3, "imm12", 1, "Rn", X0, "Rt", 7), add(X0, 16), cmp(X0, 3)));
        for (int cond : List.of(NE, 2, 5, 8, 10, 12)) {
            LOOPS.put("memset counted down, condition " + cond, loop(cond, word("STR_post", "size", 2, "imm9", 4, "Rn", X0, "Rt", 6),
                    word("SUBS_imm", "sf", 0, "imm12", 1, "Rn", X2, "Rd", X2)));
        }
        maintenance("DC IVAC", 0, 6);
        maintenance("DC CVAC", 3, 10);
        maintenance("DC CVAU", 3, 11);
        maintenance("DC CIVAC", 3, 14);
        maintenance("DC ZVA", 3, 4);
        maintenance("IC IVAU", 3, 5);
    }

    private static void maintenance(String name, int op1, int crm) {
        LOOPS.put(name, loop(LO, word("SYS", "op1", op1, "CRn", 7, "CRm", crm, "op2", 1, "Rt", X0),
                word("ADD_reg", "sf", 1, "Rm", 4, "Rn", X0, "Rd", X0), cmp(X0, 3)));
    }

    private static int ldp(int t, int t2, int n, int offset) {
        return word("LDP_off", "x", 1, "imm7", offset / 8, "Rt2", t2, "Rn", n, "Rt", t);
    }

    private static int stnp(int t, int t2, int n, int offset) {
        return word("STNP", "x", 1, "imm7", offset / 8, "Rt2", t2, "Rn", n, "Rt", t);
    }

    private static int add(int r, int imm) {
        return word("ADD_imm", "sf", 1, "imm12", imm, "Rn", r, "Rd", r);
    }

    private static int subs(int r, int imm) {
        return word("SUBS_imm", "sf", 1, "imm12", imm, "Rn", r, "Rd", r);
    }

    private static int cmp(int n, int m) {
        return word("SUBS_reg", "sf", 1, "Rm", m, "Rn", n, "Rd", XZR);
    }

    /** {@code TST Xn, #(1 << bits) - 1}. */
    private static int tst(int n, int bits) {
        return word("ANDS_imm", "sf", 1, "N", 1, "imms", bits - 1, "Rn", n, "Rd", XZR);
    }

    private static int[] loop(int cond, int... body) {
        int[] all = java.util.Arrays.copyOf(body, body.length + 1);
        all[body.length] = word("B_cond", "imm19", -body.length, "cond", cond);
        return all;
    }

    private static int[] program(int[] loop) {
        int[] all = java.util.Arrays.copyOf(loop, loop.length + 1);
        all[loop.length] = Paged.HLT;
        return all;
    }

    @Test
    void each_of_these_loops_is_recognised() {
        LOOPS.forEach((name, loop) -> {
            Insn[] insns = new Insn[loop.length];
            for (int i = 0; i < loop.length; i++) {
                insns[i] = A64Decoder.decode(loop[i], Paged.CODE + 4L * i, Features.EVERY);
            }
            assertNotNull(Idioms.of(insns, (Jump) insns[loop.length - 1], Paged.CODE), name);
        });
    }

    private record Setup(long target, long source, long counter, long end, int turn, int hole, int nonCacheable, int device,
                         boolean hypervisor, long seed) {
        static Setup random(Random r) {
            long target = Paged.DATA + 0x4000 + 16L * r.nextInt(0x200) + (r.nextInt(8) == 0 ? r.nextInt(16) : 0);
            boolean overlapping = r.nextInt(4) == 0;
            long source = overlapping ? target + 16L * (r.nextInt(40) - 20) : Paged.DATA + 0x20000 + 16L * r.nextInt(0x200);
            long bytes = 1 + r.nextInt(0x6000);
            int turn = r.nextInt(3) == 0 ? 1 + r.nextInt(300) : 1_000_000;
            int hole = r.nextInt(4) == 0 ? r.nextInt(48) : -1;
            int nonCacheable = r.nextInt(4) == 0 ? r.nextInt(48) : -1;
            int device = r.nextInt(8) == 0 ? r.nextInt(48) : -1;
            return new Setup(target, source, 1 + r.nextInt(0x800), target + bytes, turn, hole, nonCacheable, device, r.nextInt(4) == 0,
                    r.nextLong());
        }
    }

    private static String outcome(int[] loop, Setup s, CachePolicy policy, boolean idioms, Tier tier) {
        try (Paged p = new Paged(tier.of(Arm64Config.defaults()).withIdioms(idioms), policy, program(loop))) {
            byte[] data = new byte[0x30000];
            new Random(s.seed).nextBytes(data);
            p.ram.place(Paged.DATA, data, 0, data.length);
            new Random(~s.seed).nextBytes(data);
            p.cpu.writeVirtual(Paged.DATA, data, 0, data.length);
            if (s.hypervisor) {
                p.cpu.register("hcr_el2", HCR_RW_VM);
            }
            if (s.hole >= 0) {
                p.unmap(Paged.DATA + 4096L * s.hole);
            }
            if (s.nonCacheable >= 0) {
                p.nonCacheable(Paged.DATA + 4096L * s.nonCacheable);
            }
            if (s.device >= 0) {
                p.device(Paged.DATA + 4096L * s.device);
            }
            long[] x = p.cpu.x;
            x[0] = s.target;
            x[1] = s.source;
            x[2] = s.counter;
            x[3] = s.end;
            x[4] = 64;
            for (int i = 5; i < 13; i++) {
                x[i] = s.seed * i;
            }
            p.run(s.turn, 30_000);
            return p.outcome();
        }
    }

    private static void compare(CachePolicy policy, long seed, int rounds) {
        Random random = new Random(seed);
        List<String> names = new ArrayList<>(LOOPS.keySet());
        for (int i = 0; i < rounds; i++) {
            String name = names.get(i % names.size());
            int[] loop = LOOPS.get(name);
            Setup s = Setup.random(random);
            String plain = outcome(loop, s, policy, false, Tier.T0);
            assertEquals(plain, outcome(loop, s, policy, true, Tier.T0), () -> "T0 with idioms, " + name + ", " + s);
            if (i % 4 == 0) {
                assertEquals(plain, outcome(loop, s, policy, false, Tier.STEPPER), () -> "stepper, " + name + ", " + s);
                assertEquals(plain, outcome(loop, s, policy, false, Tier.T1), () -> "T1, " + name + ", " + s);
                assertEquals(plain, outcome(loop, s, policy, true, Tier.T1), () -> "T1 with idioms, " + name + ", " + s);
            }
        }
    }

    @Test
    void with_strict_caches() {
        compare(CachePolicy.STRICT, 1, 400);
    }

    @Test
    void without_modelled_caches() {
        compare(CachePolicy.NONE, 2, 200);
    }

    @Test
    void with_adversarial_caches() {
        compare(CachePolicy.ADVERSARIAL, 3, 200);
    }
}
