package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.images.arm64.ImageHeader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

class A_guest_that_gets_nowhere_Test {
    private static final int B_SELF = 0x1400_0000;
    /** {@code wfi; b .-4}, with interrupts masked at entry. */
    private static final int WFI = 0xd503_207f;
    private static final int B_BACK = 0x17ff_ffff;
    private static final int SIZE = 4096;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Path loop;
    private Path sleep;

    @BeforeEach
    void images() throws IOException {
        loop = image("loop", B_SELF, B_SELF);
        sleep = image("sleep", WFI, B_BACK);
    }

    private Path image(String name, int code0, int code1) throws IOException {
        byte[] header = ImageHeader.of(code0, code1, SIZE, 4).write();
        byte[] bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN).put(header).array();
        return Files.write(folder.resolve(name), bytes);
    }

    private int baton(String... arguments) {
        return Main.run(arguments, new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private Path chain(Path image) throws IOException {
        return Files.writeString(folder.resolve("c.yaml"), """
                baton: 1
                name: nowhere
                machine: {memory: 64M, limit: 3M}
                kernels: {k: {image: "%s"}}
                generations: [{kernel: k, steps: [await: {console: hello}]}]
                expect: {exit: running}
                """.formatted(image));
    }

    @Test
    void ends_at_the_limit_of_its_chain_with_status_3_and_a_report() throws IOException {
        assertEquals(3, baton("run", chain(loop).toString()));
        String said = out.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("stuck    no more progress after 3.0 M instructions"), said);
        assertTrue(said.contains("cpu0 running at 0x40200000"), said);
        assertTrue(said.contains("0x40200000 -> 0x40200000"), said);
        assertTrue(said.contains("no console line contained 'hello'"), said);
    }

    @Test
    void that_sleeps_with_nothing_to_wake_it_ends_at_once() throws IOException {
        assertEquals(3, baton("run", chain(sleep).toString()));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("cpu0 waiting at 0x4020000"), out::toString);
    }

    private String symbols(String name, long end) throws IOException {
        return Files.writeString(folder.resolve(name), "ffff800080000000 T _text\nffff800080000000 t spin\n%x B _end\n"
                .formatted(0xffff_8000_8000_0000L + end)).toString();
    }

    @Test
    void is_told_by_the_symbols_of_the_file_that_fits_its_kernel() throws IOException {
        assertEquals(3, baton("boot", "--kernel", loop.toString(), "--memory", "64M", "--limit", "1M", "--symbols",
                symbols("other.map", SIZE + 8), "--symbols", symbols("its.map", SIZE)));
        String said = err.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("cpu0 running at 0x40200000 _text: "), said);
        assertTrue(said.contains("other.map: of no kernel that ran"), said);
        assertFalse(said.contains("its.map"), said);
    }

    @Test
    void ends_a_boot_with_status_3_too() {
        assertEquals(3, baton("boot", "--kernel", loop.toString(), "--memory", "64M", "--limit", "1M"));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("instruction limit reached after 1.0 M instructions"), err::toString);
        assertEquals(3, baton("boot", "--kernel", sleep.toString(), "--memory", "64M", "--limit", "1M"));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("every CPU waits and nothing will wake it"), err::toString);
    }
}
