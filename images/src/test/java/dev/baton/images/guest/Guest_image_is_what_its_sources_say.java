package dev.baton.images.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class Guest_image_is_what_its_sources_say {
    private static final Path MODULE = Path.of(System.getProperty("baton.root", ".."), "images");
    private static final Path SOURCES = MODULE.resolve("src/main/guest");
    private static final Path BUILT = MODULE.resolve("src/main/resources/dev/baton/images/guest");

    @Test
    void building_it_again_gives_the_committed_bytes(@TempDir Path out) throws Exception {
        assumeTrue(runs("aarch64-linux-gnu-as", "--version"), "binutils for AArch64 are not installed");
        Process build = new ProcessBuilder("sh", SOURCES.resolve("build.sh").toString(), out.toString()).redirectErrorStream(true).start();
        String said = new String(build.getInputStream().readAllBytes());
        assertEquals(0, build.waitFor(), said);
        for (String file : new String[] {"arm64-kernel.bin", "arm64-kernel.sym", "arm64-purgatory.bin", "arm64-purgatory.sym"}) {
            assertArrayEquals(Files.readAllBytes(BUILT.resolve(file)), Files.readAllBytes(out.resolve(file)),
                    file + " is not what the sources build: run images/src/main/guest/build.sh");
        }
    }

    @Test
    void java_and_assembly_agree_about_every_number_they_share() throws Exception {
        Map<String, Long> abi = numbersOf(SOURCES.resolve("arm64/abi.inc"));
        for (Field f : ModelCallNumber.class.getFields()) {
            String name = f.getName().startsWith("BOOT_EL") ? "BOOT_CPU_MODE_" + f.getName().substring(5) : "CALL_" + f.getName();
            assertEquals(abi.get(name), Long.valueOf(((Number) f.get(null)).longValue()), name);
        }
        for (GuestAction a : GuestAction.values()) {
            assertEquals(abi.get("ACTION_" + a), Long.valueOf(a.ordinal()), "ACTION_" + a);
        }
        assertEquals(abi.get("ACTION_COUNT"), Long.valueOf(GuestAction.values().length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD", "START", "DTB_MEM", "EL2_VECTORS", "TTBR1", "ZERO_PAGE", "PHYS_OFFSET"})
    void struct_kimage_has_its_words_where_relocation_code_reads_them(String field) throws Exception {
        Map<String, Long> abi = numbersOf(SOURCES.resolve("arm64/abi.inc"));
        assertEquals(abi.get("KIMAGE_" + field), Long.valueOf(KimageLayout.class.getField(field).getInt(null)));
    }

    @Test
    void its_header_is_that_of_an_arm64_image_placeable_anywhere() {
        ByteBuffer b = ByteBuffer.wrap(GuestKernel.image().array()).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(0x644d5241, b.getInt(56));
        assertEquals(0, b.getLong(8));
        assertEquals(0xa, b.getLong(24));
        assertEquals(GuestKernel.symbol("_end"), b.getLong(16));
        assertTrue(b.getLong(16) > GuestKernel.image().length());
    }

    @Test
    void a_model_id_changes_eight_bytes_and_nothing_else() {
        byte[] plain = GuestKernel.image().array();
        byte[] own = GuestKernel.image(0x1122334455667788L).array();
        int at = (int) GuestKernel.symbol("model_id");
        assertEquals(0x1122334455667788L, ByteBuffer.wrap(own).order(ByteOrder.LITTLE_ENDIAN).getLong(at));
        System.arraycopy(plain, at, own, at, 8);
        assertArrayEquals(plain, own);
    }

    @ParameterizedTest
    @ValueSource(strings = {"relocate_v4_8", "relocate_v4_8_no_invalidate", "relocate_reloc_arg", "relocate_reloc_arg_no_invalidate",
        "relocate_v5_16", "relocate_v5_16_no_clean"})
    void every_relocation_routine_fits_the_control_page(String routine) {
        assertTrue(GuestKernel.kernel().length(routine) > 100);
        assertTrue(GuestKernel.kernel().length(routine) <= 4096);
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
            p.getInputStream().readAllBytes();
            return p.waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static Map<String, Long> numbersOf(Path file) throws IOException {
        Pattern equ = Pattern.compile("\\.equ (\\w+),\\s+(0x[0-9a-f]+|\\d+)(?!\\w)(?!\\s*<<)");
        Map<String, Long> numbers = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            Matcher m = equ.matcher(line);
            if (m.find()) {
                String v = m.group(2);
                numbers.put(m.group(1), v.startsWith("0x") ? Long.parseUnsignedLong(v.substring(2), 16) : Long.parseLong(v));
            }
        }
        return numbers;
    }
}
