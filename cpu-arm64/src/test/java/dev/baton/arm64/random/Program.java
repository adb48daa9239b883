package dev.baton.arm64.random;

import dev.baton.arm64.table.Disassembler;

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
    /** x0 to x30, SP, NZCV, FPSR, FPCR, from 0x200 on V0 to V31; from 0x1000 on the memory that the program works on. */
    static final long STATE = 0x1010_0000L;
    static final int MEMORY = 0x1000;
    static final int MEMORY_BYTES = 0x4000;
    static final int DATA_BYTES = MEMORY + MEMORY_BYTES;
    static final int SP = 8 * 31;
    static final int NZCV = 8 * 32;
    static final int FPSR = 8 * 33;
    static final int FPCR = 8 * 34;
    /** 16 bytes each. */
    static final int V = 0x200;

    static byte[] randomData(Random random) {
        byte[] data = new byte[DATA_BYTES];
        random.nextBytes(data);
        putLong(data, SP, STATE + MEMORY + MEMORY_BYTES / 2);
        putLong(data, NZCV, (long) random.nextInt(16) << 28);
        putLong(data, FPSR, 0);
        int control = random.nextInt(4) << 22 | (random.nextInt(8) & random.nextInt(8)) << 24;
        putLong(data, FPCR, random.nextBoolean() ? 0 : control);
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

    /** Has instructions that are not in Armv8.2 with the extensions of Neoverse N1. */
    boolean isLater() {
        return units.stream().flatMapToInt(java.util.Arrays::stream).anyMatch(w -> RandomPrograms.isLater(Disassembler.row(w)));
    }

    /** Words before the first unit. */
    static int prologueWords() {
        return 6 + 4 + 9 + 30;
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
        w.add(Words.ldr(3, other, pointer, FPSR));
        w.add(Words.msrFpsr(other));
        w.add(Words.ldr(3, other, pointer, FPCR));
        w.add(Words.msrFpcr(other));
        w.add(Words.add(other, pointer, V));
        for (int t = 0; t < 32; t += 4) {
            w.add(Words.ld1Four(t, other));
        }
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
        w.add(Words.mrsFpsr(other));
        w.add(Words.str(other, pointer, FPSR));
        w.add(Words.mrsFpcr(other));
        w.add(Words.str(other, pointer, FPCR));
        w.add(Words.add(other, pointer, V));
        for (int t = 0; t < 32; t += 4) {
            w.add(Words.st1Four(t, other));
        }
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

    /** Name of the 8 bytes at {@code at}. */
    static String name(int at) {
        if (at >= MEMORY) {
            return "+" + Integer.toHexString(at - MEMORY);
        }
        if (at >= V) {
            return "v" + (at - V) / 16 + "." + (at >> 3 & 1);
        }
        return at < SP ? "x" + at / 8 : List.of("sp", "nzcv", "fpsr", "fpcr").get(at / 8 - 31);
    }

    /** The place that {@link #name} names. */
    static int place(String name) {
        return switch (name) {
            case "sp" -> SP;
            case "nzcv" -> NZCV;
            case "fpsr" -> FPSR;
            case "fpcr" -> FPCR;
            default -> switch (name.charAt(0)) {
                case '+' -> MEMORY + Integer.parseInt(name.substring(1), 16);
                case 'v' -> V + 16 * Integer.parseInt(name.substring(1, name.length() - 2)) + 8 * (name.charAt(name.length() - 1) - '0');
                default -> 8 * Integer.parseInt(name.substring(1));
            };
        };
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
