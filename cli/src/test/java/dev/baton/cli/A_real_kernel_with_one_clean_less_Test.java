package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.cli.RealGuest.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Debian's 6.1 without the DC CIVAC in arm64_relocate_new_kernel (arch/arm64/kernel/relocate_kernel.S): QEMU runs it to the end. */
class A_real_kernel_with_one_clean_less_Test {
    /** {@code dc civac, x19} and the {@code add x19, x19, x15} after it, which stand together nowhere else. */
    private static final long CLEAN_AND_NEXT = 0x8b0f_0273_d50b_7e33L;
    private static final int NOP = 0xd503_201f;

    @TempDir
    private Path folder;

    private Path kernel() throws IOException {
        byte[] image = Files.readAllBytes(RealGuest.cached("debian-arm64/6.1/Image", "fetch-real-kernels"));
        ByteBuffer words = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        int places = 0;
        for (int at = 0; at + 8 <= image.length; at += 4) {
            if (words.getLong(at) == CLEAN_AND_NEXT) {
                words.putInt(at, NOP);
                places++;
            }
        }
        assertEquals(1, places, "places with the clean of relocate_kernel.S");
        return Files.write(folder.resolve("Image"), image);
    }

    @Test
    void is_stopped_at_the_first_instruction_that_never_reached_memory() throws IOException {
        Path kernel = kernel();
        Path initrd = RealGuest.withImage("kexec-chain", kernel, folder);
        Run run = RealGuest.baton("boot", "--kernel", kernel.toString(), "--initrd", initrd.toString(), "--cpu", "cortex-a57", "-m", "1G",
                "--seed", "0", "--append", "console=ttyAMA0 panic=-1 gen=1 of=2");
        run.expectInOrder(List.of("baton: generation 1 of 2", "Starting new kernel", "Bye!"));
        assertEquals(BootReport.STUCK, run.status(), run.told());
        List<String> found = run.told().lines().filter(l -> l.startsWith("baton: finding ")).toList();
        assertEquals(2, found.size(), run.told());
        assertTrue(found.getFirst().startsWith("baton: finding hand-over-differs: at the jump memory (PoC) is not what was loaded"),
                run.told());
        assertTrue(found.getLast().startsWith("baton: finding poc-fetch-of-dirty-line: an instruction was fetched past the caches from a "
                + "line whose newer bytes were never cleaned to memory"), run.told());
        hasLine(run, "baton: generation 1, Linux version 6\\.1.*: in purgatory, translation off");
        hasLine(run, ".* raises an exception itself, for ever after .*");
        // The store is an STNP of the copy, 0x74 to 0x80 into relocate_kernel.S of 6.1.
        hasLine(run, " +writer +CPU 0 at pc 0x4[0-9a-f]{7}, relocation\\+0x(74|78|7c|80)");
        hasLine(run, " +missing +DC CVAC or DC CIVAC of 0x[0-9a-f]+ after the store at pc .*");
    }

    private static void hasLine(Run run, String expression) {
        assertTrue(run.told().lines().anyMatch(l -> l.matches(expression)), () -> "no line matches " + expression + "\n" + run.told());
    }
}
