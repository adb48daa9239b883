package dev.baton.arm64.random;

import dev.baton.arm64.engine.Tier;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What instructions cost in a loop of sixteen of them, here and under qemu-aarch64, in nanoseconds of CPU time each: the
 * difference between many iterations and few, so that start and translation do not count.
 */
public final class SimdTiming {
    private static final int FEW = 10_000;
    private static final int MANY = 510_000;

    private SimdTiming() { }

    /** Prints one line for each kind of instruction. */
    public static void main(String[] args) throws Exception {
        Map<String, int[]> kinds = new LinkedHashMap<>();
        kinds.put("nop", new int[] {0xd503_201f});
        kinds.put("aese, aesmc", new int[] {0x4e28_4820, 0x4e28_6800});
        kinds.put("sha256h, sha256h2, sha256su0, sha256su1", new int[] {0x5e04_4020, 0x5e04_5041, 0x5e28_2862, 0x5e05_60c2});
        kinds.put("ld1, st1 of 16 bytes", new int[] {0x4cdf_7020, 0x4c9f_7040});
        kinds.put("pmull 64", new int[] {0x0ee1_e040});
        kinds.put("eor", new int[] {0x6e21_1c40});
        kinds.put("add.4s", new int[] {0x4ea1_8440});
        kinds.put("cmeq.16b, umaxp.16b", new int[] {0x6e21_8c40, 0x6e21_a443});
        kinds.put("tbl.16b", new int[] {0x4e01_0040});
        kinds.put("mla.4s", new int[] {0x4ea1_9440});
        for (Map.Entry<String, int[]> k : kinds.entrySet()) {
            System.out.printf("%-42s here %6.2f ns, qemu-aarch64 %6.2f ns%n", k.getKey(), perInstruction(k.getValue(), true),
                    perInstruction(k.getValue(), false));
        }
    }

    private static double perInstruction(int[] kind, boolean here) throws Exception {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            double difference = seconds(loop(kind, MANY), here) - seconds(loop(kind, FEW), here);
            best = Math.min(best, difference * 1e9 / (MANY - FEW) / (16 + 4));
        }
        return best;
    }

    private static double seconds(Program p, boolean here) throws Exception {
        if (!here) {
            return QemuUser.seconds(p);
        }
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        OurCpu.run(p, Tier.T0);
        return (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) * 1e-9;
    }

    /** x0 counts; x1 and x2 point into memory at the start of each iteration. */
    private static Program loop(int[] kind, int iterations) {
        List<Integer> w = new ArrayList<>();
        w.add(Words.addShifted12(3, 28, Program.MEMORY >> 12));
        w.add(Words.movz(0, iterations, 0));
        w.add(Words.movk(0, iterations >>> 16, 1));
        w.add(Words.add(1, 3, 0));
        w.add(Words.addShifted12(2, 3, 1));
        for (int i = 0; i < 16; i++) {
            w.add(kind[i % kind.length]);
        }
        w.add(0xf100_0400);
        w.add(0x5400_0001 | (-(16 + 3) & 0x7ffff) << 5);
        return new Program(28, List.of(w.stream().mapToInt(Integer::intValue).toArray()), Program.randomData(new Random(1)));
    }
}
