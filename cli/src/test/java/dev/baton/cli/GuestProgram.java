package dev.baton.cli;

import dev.baton.images.arm64.ImageHeader;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A guest of a few instructions, written with what a test needs and no more. */
final class GuestProgram {
    static final long UART = 0x0900_0000L;
    static final int PSCI_SYSTEM_OFF = 0x8400_0008;
    static final int PSCI_SYSTEM_RESET = 0x8400_0009;
    private static final int HEADER = 64;
    private static final int SIZE = 4096;

    private final List<Integer> words = new ArrayList<>();

    GuestProgram word(int w) {
        words.add(w);
        return this;
    }

    /** Index of the next instruction, for {@link #branchTo}. */
    int here() {
        return words.size();
    }

    /** {@code movz} and three {@code movk}: always four instructions. */
    GuestProgram mov(int register, long value) {
        word(0xd280_0000 | (int) (value & 0xffff) << 5 | register);
        for (int part = 1; part < 4; part++) {
            word(0xf280_0000 | part << 21 | (int) (value >>> 16 * part & 0xffff) << 5 | register);
        }
        return this;
    }

    /** Prints by PL011; destroys x0 and x1. */
    GuestProgram print(String text) {
        mov(1, UART);
        for (char c : text.toCharArray()) {
            mov(0, c);
            word(0x3900_0020);
        }
        return this;
    }

    /** {@code hvc #0} with this function in x0. */
    GuestProgram psci(int function) {
        return mov(0, function & 0xffff_ffffL).word(0xd400_0002);
    }

    GuestProgram branchTo(int index) {
        return word(0x1400_0000 | index - here() & 0x3ff_ffff);
    }

    /** {@code cbz wN}. */
    GuestProgram branchIfZero(int register, int index) {
        return word(0x3400_0000 | (index - here() & 0x7_ffff) << 5 | register);
    }

    /** {@code wfi} for ever. */
    GuestProgram sleep() {
        return word(0xd503_207f).branchTo(here() - 1);
    }

    byte[] flat() {
        ByteBuffer b = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        words.forEach(b::putInt);
        return b.array();
    }

    /** As an arm64 Image, whose code follows its header. */
    Path image(Path file) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        b.put(ImageHeader.of(0x1400_0000 | HEADER / 4, 0, SIZE, 4).write()).position(HEADER);
        words.forEach(b::putInt);
        return Files.write(file, b.array());
    }
}
