package dev.baton.arm64.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Code and data of one program, at the same virtual addresses in both executors. The frame loads all registers from the state
 * area, runs the units, stores all registers back and writes state and data to standard output.
 *
 * @param pointer  the register that holds {@link #STATE} throughout
 * @param units    the code between, as units that a branch may skip whole
 * @param data     state area and data, {@link #DATA_BYTES} bytes
 */
record Program(int pointer, List<int[]> units, byte[] data) {
    static final long CODE = 0x1000_0000L;
    /** x0 to x30, SP, NZCV; from 0x1000 on the memory that the program works on. */
    static final long STATE = 0x1010_0000L;
    static final int MEMORY = 0x1000;
    static final int MEMORY_BYTES = 0x4000;
    static final int DATA_BYTES = MEMORY + MEMORY_BYTES;
    static final int SP = 8 * 31;
    static final int NZCV = 8 * 32;

    static byte[] randomData(Random random) {
        byte[] data = new byte[DATA_BYTES];
        random.nextBytes(data);
        putLong(data, SP, STATE + MEMORY + MEMORY_BYTES / 2);
        putLong(data, NZCV, (long) random.nextInt(16) << 28);
        return data;
    }

    static void putLong(byte[] b, int at, long v) {
        for (int i = 0; i < 8; i++) {
            b[at + i] = (byte) (v >>> 8 * i);
        }
    }

    static long getLong(byte[] b, int at) {
        long v = 0;
        for (int i = 7; i >= 0; i--) {
            v = v << 8 | b[at + i] & 0xff;
        }
        return v;
    }

    /** The program cut off after its first {@code n} units; no-operations catch the branches that went beyond. */
    Program first(int n) {
        List<int[]> some = new ArrayList<>(units.subList(0, n));
        int[] nops = new int[64];
        java.util.Arrays.fill(nops, 0xd503_201f);
        some.add(nops);
        return new Program(pointer, some, data);
    }

    /** Words before the first unit. */
    static int prologueWords() {
        return 6 + 30;
    }

    /** The words, and the index of the first SVC. */
    record Code(int[] words, int stop) { }

    Code code() {
        List<Integer> w = new ArrayList<>();
        int other = pointer == 0 ? 1 : 0;
        w.add(Words.movz(pointer, (int) STATE, 0));
        w.add(Words.movk(pointer, (int) (STATE >>> 16), 1));
        w.add(Words.ldr(3, other, pointer, NZCV));
        w.add(Words.msrNzcv(other));
        w.add(Words.ldr(3, other, pointer, SP));
        w.add(Words.add(31, other, 0));
        forOthers(i -> w.add(Words.ldr(3, i, pointer, 8 * i)));
        units.forEach(u -> {
            for (int x : u) {
                w.add(x);
            }
        });
        forOthers(i -> w.add(Words.str(i, pointer, 8 * i)));
        w.add(Words.add(other, 31, 0));
        w.add(Words.str(other, pointer, SP));
        w.add(Words.mrsNzcv(other));
        w.add(Words.str(other, pointer, NZCV));
        int stop = w.size() + 5;
        writeAndExit(w);
        return new Code(w.stream().mapToInt(Integer::intValue).toArray(), stop);
    }

    private void forOthers(java.util.function.IntConsumer action) {
        for (int i = 0; i < 31; i++) {
            if (i != pointer) {
                action.accept(i);
            }
        }
    }

    /** write(1, STATE, DATA_BYTES), exit_group(0). */
    private static void writeAndExit(List<Integer> w) {
        w.add(Words.movz(0, 1, 0));
        w.add(Words.movz(1, (int) STATE, 0));
        w.add(Words.movk(1, (int) (STATE >>> 16), 1));
        w.add(Words.movz(2, DATA_BYTES, 0));
        w.add(Words.movz(8, 64, 0));
        w.add(Words.SVC);
        w.add(Words.movz(0, 0, 0));
        w.add(Words.movz(8, 94, 0));
        w.add(Words.SVC);
    }
}
