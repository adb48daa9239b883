package dev.baton.devices;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A small A64 program run by {@code qemu-system-aarch64 -M virt,gic-version=3}, entered as a kernel Image at EL1 with
 * interrupts masked. It shows 64-bit values with the macro {@code show} (which changes x10 to x14, x20 and x30) and ends by
 * itself. {@code imm REGISTER, VALUE} loads any constant. One host thread runs all its CPUs in turn.
 */
public final class QemuGuest {
    private static final String BEFORE = """
            .macro imm reg, value
                movz \\reg, #((\\value) & 0xffff)
                movk \\reg, #(((\\value) >> 16) & 0xffff), lsl #16
                movk \\reg, #(((\\value) >> 32) & 0xffff), lsl #32
                movk \\reg, #(((\\value) >> 48) & 0xffff), lsl #48
            .endm
            .macro show reg
                mov x20, \\reg
                bl  put_hex
            .endm
                b   start
                nop
                .quad 0, 0x400000, 0xa, 0, 0, 0
                .ascii "ARM\\x64"
                .word 0
            put_hex:
                imm x10, 0x09000000
                mov x11, #60
            1:  lsr x12, x20, x11
                and x12, x12, #15
                cmp x12, #10
                add x13, x12, #'0'
                add x14, x12, #('a' - 10)
                csel x13, x13, x14, lo
                strb w13, [x10]
                subs x11, x11, #4
                b.pl 1b
                mov w13, #'\\n'
                strb w13, [x10]
                ret
            start:
            """;
    private static final String AFTER = """
                imm x0, 0x84000008
                hvc #0
                b   .
            """;

    private QemuGuest() { }

    /** Skips the test, with the reason, where this cannot be done. */
    public static void assume() {
        Tools.assume("qemu-system-aarch64");
        Tools.assume("aarch64-linux-gnu-as");
        Tools.assume("aarch64-linux-gnu-objcopy");
    }

    /** Assembles and runs {@code body}; gives the values that it showed. */
    public static List<Long> run(Path dir, String body, String... qemuOptions) throws IOException, InterruptedException {
        Path source = Files.writeString(dir.resolve("guest.S"), BEFORE + body + AFTER);
        Path object = dir.resolve("guest.o");
        Path image = dir.resolve("Image");
        Tools.run("aarch64-linux-gnu-as", "-o", object.toString(), source.toString());
        Tools.run("aarch64-linux-gnu-objcopy", "-O", "binary", object.toString(), image.toString());
        List<String> command = new ArrayList<>(List.of("qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", "cortex-a57",
                "-accel", "tcg,thread=single", "-nic", "none", "-display", "none", "-serial", "stdio", "-kernel",
                image.toString()));
        command.addAll(List.of(qemuOptions));
        Path output = dir.resolve("output");
        Process p = new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start();
        boolean ended = p.waitFor(60, TimeUnit.SECONDS);
        p.destroyForcibly();
        assertTrue(ended, "QEMU did not end");
        return Files.readAllLines(output).stream().map(line -> Long.parseUnsignedLong(line.strip(), 16)).toList();
    }
}
