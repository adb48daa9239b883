package dev.baton.arm64.table;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code aarch64-linux-gnu-objdump -M no-aliases}, a decoder of A64 that shares nothing with ours. */
final class Objdump {
    private static final String PROGRAM = "aarch64-linux-gnu-objdump";

    /** Takes one word and what objdump makes of it: mnemonic, tab, operands; {@code .inst} for a word that it does not know. */
    interface Reader {
        void word(int index, String text);
    }

    private Objdump() { }

    static boolean available() {
        try {
            return new ProcessBuilder(PROGRAM, "--version").redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Hands every word to {@code reader} while objdump runs, in order; the first lies at address 0. */
    static void read(int[] words, Reader reader) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        b.asIntBuffer().put(words);
        Path file = Files.createTempFile("words", ".bin");
        try {
            Files.write(file, b.array());
            Process p = new ProcessBuilder(PROGRAM, "-D", "-z", "-b", "binary", "-m", "aarch64", "-M", "no-aliases", file.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            try (BufferedReader in = new BufferedReader(new InputStreamReader(p.getInputStream(), StandardCharsets.UTF_8), 1 << 16)) {
                lines(in, words, reader);
            }
        } finally {
            Files.delete(file);
        }
    }

    private static void lines(BufferedReader in, int[] words, Reader reader) throws IOException {
        int index = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            int first = line.indexOf('\t');
            int second = line.indexOf('\t', first + 1);
            if (second > 0) {
                if (index == words.length || Integer.parseUnsignedInt(line, first + 1, first + 9, 16) != words[index]) {
                    throw new IOException("word " + index + " is not the one that objdump was given: " + line);
                }
                reader.word(index++, line.substring(second + 1));
            }
        }
        if (index != words.length) {
            throw new IOException("objdump printed " + index + " words of " + words.length);
        }
    }
}
