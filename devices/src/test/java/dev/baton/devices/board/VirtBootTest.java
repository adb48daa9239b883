package dev.baton.devices.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.devices.QemuGuest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class VirtBootTest {
    private static final long MIB = 1L << 20;
    private static final Bytes NONE = Bytes.of();
    private static final Bytes CODE = Bytes.wrap(new byte[1000]);

    private static VirtBoot.Kernel image(long imageSize) {
        return VirtBoot.Kernel.image(CODE, 0, imageSize);
    }

    private static Map<String, Long> addresses(LaunchPlan plan) {
        return plan.segments().stream().collect(java.util.stream.Collectors.toMap(LaunchPlan.Segment::label, LaunchPlan.Segment::address));
    }

    @ParameterizedTest(name = "{0} MiB of RAM, initrd of {1} bytes")
    @CsvSource({
            "512,  3000000, 0x48000000, 0x48400000",
            "512,  0,       0x48000000, 0x48000000",
            "128,  0,       0x44000000, 0x44000000",
            "1024, 1,       0x48000000, 0x48200000"})
    void initrd_and_tree_lie_where_QEMU_puts_them(long mib, int initrdSize, String initrd, String dtb) {
        LaunchPlan plan = VirtBoot.plans(VirtConfig.defaults().withMemory(mib * MIB), image(4 * MIB),
                Bytes.wrap(new byte[initrdSize]), "").getFirst();
        assertEquals(Long.decode(dtb), addresses(plan).get("dtb"));
        if (initrdSize > 0) {
            assertEquals(Long.decode(initrd), addresses(plan).get("initrd"));
        }
    }

    @ParameterizedTest(name = "text_offset {0}, image_size {1}")
    @CsvSource({
            "0x0,     0x400000, 0x40200000",
            "0x80000, 0x400000, 0x40080000",
            "0xfff,   0x400000, 0x40200fff",
            "0x1000,  0x400000, 0x40001000",
            "0x0,     0x0,      0x40080000"})
    void an_Image_lies_at_its_text_offset_above_a_2_MiB_boundary_and_leaves_the_firmware_page(String offset, String size, String address) {
        VirtBoot.Kernel kernel = VirtBoot.Kernel.image(CODE, Long.decode(offset), Long.decode(size));
        assertEquals(Long.decode(address), kernel.entry());
        assertEquals(Long.decode(address), kernel.segments().getFirst().address());
    }

    @Test
    void a_kernel_reaching_beyond_128_MiB_pushes_the_initrd_up() {
        LaunchPlan plan = VirtBoot.plans(VirtConfig.defaults(), image(200 * MIB + 5), CODE, "").getFirst();
        assertEquals(0x4000_0000L + 202 * MIB + 0x1000, addresses(plan).get("initrd"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void the_kernel_is_entered_with_the_tree_in_x0_and_x1_to_x3_zero(int el) {
        LaunchPlan plan = VirtBoot.plans(VirtConfig.defaults().withEntryLevel(el), image(4 * MIB), NONE, "").getFirst();
        assertEquals(Map.of("pc", 0x4020_0000L, "x0", 0x4800_0000L, "x1", 0L, "x2", 0L, "x3", 0L, "el", (long) el), plan.registers());
        assertEquals(0, plan.cpu());
    }

    @Test
    void the_tree_in_memory_names_the_initrd_that_is_in_memory() {
        LaunchPlan plan = VirtBoot.plans(VirtConfig.defaults(), image(4 * MIB), CODE, "quiet").getFirst();
        LaunchPlan.Segment dtb = plan.segments().stream().filter(s -> s.label().equals("dtb")).findFirst().orElseThrow();
        Fdt tree = Fdt.of(dtb.bytes().toArray());
        assertEquals(addresses(plan).get("initrd").intValue(), tree.node("/chosen").u32("linux,initrd-start"));
        assertEquals(addresses(plan).get("initrd") + 1000, tree.node("/chosen").u32("linux,initrd-end"));
        assertEquals("quiet", tree.node("/chosen").string("bootargs"));
    }

    @Test
    void QEMU_enters_an_Image_with_the_same_registers(@TempDir Path dir) throws Exception {
        QemuGuest.assume();
        String showEntry = """
                    mov x21, x0
                    mov x22, x1
                    mov x23, x2
                    mov x24, x3
                    adr x25, put_hex
                    and x25, x25, #~0xfff
                    mrs x26, CurrentEL
                    show x21
                    show x22
                    show x23
                    show x24
                    show x25
                    show x26
                """;
        List<Long> seen = QemuGuest.run(dir, showEntry, "-m", "512");
        var registers = VirtBoot.plans(VirtConfig.defaults(), image(4 * MIB), NONE, "").getFirst().registers();
        List<Long> expected = List.of(registers.get("x0"), registers.get("x1"), registers.get("x2"), registers.get("x3"),
                registers.get("pc"), registers.get("el") << 2);
        assertEquals(expected, seen);
    }

    @Test
    void under_spin_table_the_other_CPUs_start_in_the_pen() {
        List<LaunchPlan> plans = VirtBoot.plans(VirtConfig.defaults().withCpus(3).withEnableMethod(EnableMethod.SPIN_TABLE),
                image(4 * MIB), NONE, "");
        assertEquals(List.of(0, 1, 2), plans.stream().map(LaunchPlan::cpu).toList());
        assertEquals(VirtLayout.FIRMWARE, addresses(plans.getFirst()).get("spin-table pen"));
        assertEquals(VirtLayout.FIRMWARE, plans.get(2).registers().get("pc"));
        assertTrue(plans.get(2).segments().isEmpty());
    }

    @Test
    void under_PSCI_the_other_CPUs_stay_off() {
        assertEquals(1, VirtBoot.plans(VirtConfig.defaults().withCpus(3), image(4 * MIB), NONE, "").size());
    }

    @Test
    void what_does_not_fit_is_refused_in_one_sentence() {
        VirtConfig small = VirtConfig.defaults().withMemory(16 * MIB);
        var tooLarge = assertThrows(IllegalArgumentException.class, () -> VirtBoot.plans(small, image(15 * MIB), NONE, ""));
        assertEquals("kernel of 0xf00000 bytes at 0x40200000 is not within RAM, 0x40000000 to 0x41000000", tooLarge.getMessage());
        var noRoom = assertThrows(IllegalArgumentException.class,
                () -> VirtBoot.plans(small, image(4 * MIB), Bytes.wrap(new byte[9 << 20]), ""));
        assertEquals("initrd of 0x900000 bytes at 0x40800000 is not within RAM, 0x40000000 to 0x41000000", noRoom.getMessage());
    }

    @Test
    void a_tree_that_no_kernel_would_read_whole_is_refused() {
        var e = assertThrows(IllegalArgumentException.class, () -> VirtBoot.plansWithTree(VirtConfig.defaults(), image(4 * MIB), NONE,
                Bytes.wrap(new byte[(2 << 20) + 1])));
        assertEquals("dtb: expected at most 0x200000 bytes, found 0x200001", e.getMessage());
    }

    @Test
    void a_kernel_over_the_pen_is_refused() {
        VirtConfig config = VirtConfig.defaults().withEnableMethod(EnableMethod.SPIN_TABLE);
        var kernel = new VirtBoot.Kernel(List.of(new LaunchPlan.Segment("kernel", 0x4000_0800L, CODE)), 0x4000_0800L);
        var e = assertThrows(IllegalArgumentException.class, () -> VirtBoot.plans(config, kernel, NONE, ""));
        assertEquals("spin-table pen at 0x40000000 to 0x40001000 overlaps kernel at 0x40000800 to 0x40000be8", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MIN_VALUE, -1, -0x4000_0000L, 0x7fff_ffff_ffff_f000L})
    void a_text_offset_out_of_RAM_is_refused(long textOffset) {
        var kernel = VirtBoot.Kernel.image(CODE, textOffset, 4 * MIB);
        assertThrows(IllegalArgumentException.class, () -> VirtBoot.plans(VirtConfig.defaults(), kernel, NONE, ""));
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, 0x7fff_ffff_c000_0000L, 0x2000_0000L})
    void an_image_size_beyond_RAM_is_refused(long imageSize) {
        assertThrows(IllegalArgumentException.class, () -> VirtBoot.plans(VirtConfig.defaults(), image(imageSize), NONE, ""));
    }
}
