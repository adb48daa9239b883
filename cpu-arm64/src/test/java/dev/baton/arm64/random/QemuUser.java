package dev.baton.arm64.random;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/** Runs a {@link Program} under {@code qemu-aarch64} user-mode emulation, an executor that shares nothing with ours. */
final class QemuUser {
    /** Armv8.2 with LSE and CRC32 and without pointer authentication: what our default model has, hints included. */
    private static final String CPU = "neoverse-n1";
    /** For programs with instructions that came later; DC ZVA zeroes 512 bytes there, so these are without it. */
    private static final String LATER_CPU = "max,pauth=off";

    private QemuUser() { }

    static boolean available() {
        try {
            Process p = new ProcessBuilder("qemu-aarch64", "--version").redirectErrorStream(true).start();
            p.getInputStream().readAllBytes();
            return p.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** State area and memory after the program. */
    static byte[] run(Program program) throws IOException, InterruptedException {
        Path elf = Files.createTempFile("random", ".elf",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            Files.write(elf, elf(program));
            String cpu = program.isLater() ? LATER_CPU : CPU;
            Process p = new ProcessBuilder("qemu-aarch64", "-cpu", cpu, elf.toString()).redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            byte[] out = p.getInputStream().readAllBytes();
            if (!p.waitFor(60, TimeUnit.SECONDS) || p.exitValue() != 0 || out.length != Program.DATA_BYTES) {
                throw new AssertionError("qemu-aarch64 ended with " + p.exitValue() + " after " + out.length + " bytes");
            }
            return out;
        } finally {
            Files.delete(elf);
        }
    }

    /** CPU time in user mode of a whole run of the program, in seconds. */
    static double seconds(Program program) throws IOException, InterruptedException {
        Path elf = Files.createTempFile("timed", ".elf",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            Files.write(elf, elf(program));
            Process p = new ProcessBuilder("bash", "-c", "TIMEFORMAT=%U; time qemu-aarch64 -cpu max,pauth=off " + elf + " >/dev/null")
                    .redirectErrorStream(true).start();
            String text = new String(p.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).trim();
            p.waitFor();
            return Double.parseDouble(text);
        } finally {
            Files.delete(elf);
        }
    }

    /** A static ELF64 executable of one read-write-execute segment for code and one for data. */
    private static byte[] elf(Program program) {
        int[] code = program.code().words();
        int header = 64 + 2 * 56;
        int codeAt = 4096;
        int dataAt = codeAt + (4 * code.length + 4095 & -4096);
        ByteBuffer b = ByteBuffer.allocate(dataAt + Program.DATA_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(0x464c_457f).put((byte) 2).put((byte) 1).put((byte) 1).position(16);
        b.putShort((short) 2).putShort((short) 183).putInt(1).putLong(Program.CODE).putLong(64).putLong(0).putInt(0);
        b.putShort((short) 64).putShort((short) 56).putShort((short) 2).putShort((short) 0).putShort((short) 0).putShort((short) 0);
        segment(b, codeAt, Program.CODE, 4 * code.length);
        segment(b, dataAt, Program.STATE, Program.DATA_BYTES);
        if (b.position() != header) {
            throw new AssertionError("ELF header of " + b.position() + " bytes, expected " + header);
        }
        b.position(codeAt);
        for (int w : code) {
            b.putInt(w);
        }
        b.position(dataAt);
        b.put(program.data());
        return b.array();
    }

    private static void segment(ByteBuffer b, long offset, long va, long size) {
        b.putInt(1).putInt(7).putLong(offset).putLong(va).putLong(va).putLong(size).putLong(size).putLong(4096);
    }
}
