package dev.baton.devices.pci;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A machine of QEMU's without a running CPU, whose devices are read and written from outside: {@code -qtest}. */
final class Qtest implements AutoCloseable {
    private static final String LETTERS = " bw l   q";

    private final Process qemu;
    private final BufferedReader answers;

    Qtest(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-system-aarch64", "-M", "virt,gic-version=3", "-nodefaults", "-display", "none",
                "-qtest", "stdio", "-qtest-log", "/dev/null"));
        command.addAll(List.of(options));
        qemu = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        answers = new BufferedReader(new InputStreamReader(qemu.getInputStream(), StandardCharsets.US_ASCII));
    }

    private String ask(String command) {
        try {
            qemu.getOutputStream().write((command + "\n").getBytes(StandardCharsets.US_ASCII));
            qemu.getOutputStream().flush();
            String answer = answers.readLine();
            assertTrue(answer != null && answer.startsWith("OK"), () -> command + ": " + answer);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long read(long address, int size) {
        return Long.parseUnsignedLong(ask("read%s 0x%x".formatted(LETTERS.charAt(size), address)).substring("OK 0x".length()), 16);
    }

    void write(long address, int size, long value) {
        ask("write%s 0x%x 0x%x".formatted(LETTERS.charAt(size), address, value));
    }

    @Override
    public void close() {
        qemu.destroy();
        try {
            qemu.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
