package dev.baton.arm64.fp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs one FP instruction over many operands in one process of {@code qemu-aarch64}. */
final class QemuFp {
    private static final long CODE = 0x1000_0000L;
    private static final long IN = 0x2000_0000L;
    private static final long OUT = 0x3000_0000L;
    private static final int IN_BYTES = 64;
    private static final int OUT_BYTES = 32;

    /** V3, then FPSR with NZCV. */
    record Result(long low, long high, int flags) { }

    private QemuFp() { }

    static List<Result> run(int word, boolean generalResult, List<FpCases.Case> cases) throws IOException, InterruptedException {
        Path elf = Files.createTempFile("fp", ".elf", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            Files.write(elf, elf(code(word, generalResult, cases.size()), cases));
            Process p = new ProcessBuilder("qemu-aarch64", "-cpu", "max", elf.toString()).redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            byte[] out = p.getInputStream().readAllBytes();
            if (!p.waitFor(60, TimeUnit.SECONDS) || p.exitValue() != 0 || out.length != OUT_BYTES * cases.size()) {
                throw new AssertionError("0x%08x: qemu-aarch64 ended with %d after %d bytes".formatted(word, p.exitValue(), out.length));
            }
            return results(out);
        } finally {
            Files.delete(elf);
        }
    }

    private static List<Result> results(byte[] out) {
        ByteBuffer b = ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
        List<Result> results = new ArrayList<>();
        for (int at = 0; at < out.length; at += OUT_BYTES) {
            results.add(new Result(b.getLong(at), b.getLong(at + 8), b.getInt(at + 16)));
        }
        return results;
    }

    private static int[] code(int word, boolean generalResult, int n) {
        List<Integer> w = new ArrayList<>();
        address(w, 1, IN);
        address(w, 2, OUT);
        address(w, 3, n);
        int loop = w.size();
        w.add(0xad40_0420);                 // ldp q0, q1, [x1]
        w.add(0x3dc0_0822);                 // ldr q2, [x1, #32]
        w.add(0xf940_1827);                 // ldr x7, [x1, #48]
        w.add(0xf940_0024);                 // ldr x4, [x1]
        w.add(0x4ea2_1c43);                 // mov v3.16b, v2.16b
        w.add(0xd51b_4407);                 // msr fpcr, x7
        w.add(0xd51b_443f);                 // msr fpsr, xzr
        w.add(0xd51b_421f);                 // msr nzcv, xzr
        w.add(word);
        w.add(0xd53b_4429);                 // mrs x9, fpsr
        w.add(0xd53b_420a);                 // mrs x10, nzcv
        w.add(generalResult ? 0x9e67_0103 : 0xd503_201f);   // fmov d3, x8 or nop
        w.add(0x3d80_0043);                 // str q3, [x2]
        w.add(0xaa0a_0129);                 // orr x9, x9, x10
        w.add(0xf900_0849);                 // str x9, [x2, #16]
        w.add(0x9101_0021);                 // add x1, x1, #64
        w.add(0x9100_8042);                 // add x2, x2, #32
        w.add(0xf100_0463);                 // subs x3, x3, #1
        w.add(0x5400_0001 | (loop - w.size() & 0x7ffff) << 5);  // b.ne loop
        address(w, 1, OUT);
        address(w, 2, (long) OUT_BYTES * n);
        // write(1, OUT, ...), which on a pipe may take less than all.
        int write = w.size();
        address(w, 0, 1);
        address(w, 8, 64);
        w.add(0xd400_0001);                 // svc
        w.add(0x8b00_0021);                 // add x1, x1, x0
        w.add(0xeb00_0042);                 // subs x2, x2, x0
        w.add(0x5400_0001 | (write - w.size() & 0x7ffff) << 5);  // b.ne write
        address(w, 0, 0);
        address(w, 8, 94);
        w.add(0xd400_0001);                 // exit_group(0)
        return w.stream().mapToInt(Integer::intValue).toArray();
    }

    private static void address(List<Integer> w, int register, long v) {
        w.add(0xd280_0000 | (int) (v & 0xffff) << 5 | register);
        w.add(0xf2a0_0000 | (int) (v >>> 16 & 0xffff) << 5 | register);
    }

    private static byte[] elf(int[] code, List<FpCases.Case> cases) {
        int in = 8192;
        int inBytes = IN_BYTES * cases.size();
        ByteBuffer b = ByteBuffer.allocate(in + inBytes).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(0x464c_457f).put((byte) 2).put((byte) 1).put((byte) 1).position(16);
        b.putShort((short) 2).putShort((short) 183).putInt(1).putLong(CODE).putLong(64).putLong(0).putInt(0);
        b.putShort((short) 64).putShort((short) 56).putShort((short) 3).putShort((short) 0).putShort((short) 0).putShort((short) 0);
        segment(b, 4096, CODE, 4 * code.length, 4 * code.length);
        segment(b, in, IN, inBytes, inBytes);
        segment(b, in, OUT, 0, (long) OUT_BYTES * cases.size());
        b.position(4096);
        for (int w : code) {
            b.putInt(w);
        }
        for (int i = 0; i < cases.size(); i++) {
            b.position(in + IN_BYTES * i);
            for (long v : cases.get(i).operands()) {
                b.putLong(v);
            }
            b.putLong(cases.get(i).fpcr());
        }
        return b.array();
    }

    private static void segment(ByteBuffer b, long offset, long va, long fileSize, long size) {
        b.putInt(1).putInt(7).putLong(offset).putLong(va).putLong(va).putLong(fileSize).putLong(size).putLong(4096);
    }
}
