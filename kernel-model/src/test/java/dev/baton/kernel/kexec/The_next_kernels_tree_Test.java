package dev.baton.kernel.kexec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtNode;
import dev.baton.core.fdt.FdtProperty;
import dev.baton.core.fdt.FdtReservation;
import dev.baton.core.fdt.FdtWriter;
import dev.baton.core.machine.Bytes;
import dev.baton.kernel.Dtc;
import dev.baton.kernel.Era;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.KernelRandom;
import dev.baton.kernel.TestKernel;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class The_next_kernels_tree_Test {
    private static final long DTB = 0x4800_0000L;
    private static final KexecSegment ARRAY = KexecSegment.of("kho-scratch", Bytes.of(new byte[48]), 0x4f00_0000L, 4096);

    private static Fdt firmware(FdtWriter writer) {
        return Fdt.of(writer.write(root -> {
            root.u32("#address-cells", 2);
            root.u32("#size-cells", 2);
            root.node("chosen", c -> {
                c.string("bootargs", "old");
                c.u64("linux,initrd-start", 0x4900_0000L);
                c.u64("linux,initrd-end", 0x4900_1234L);
                c.u64s("linux,elfcorehdr", 1, 2);
                c.u64s("linux,usable-memory-range", 3, 4);
                c.u64("kaslr-seed", 0);
                c.u64s("linux,kho-fdt", 0x11000, 0x1000);
                c.u64s("linux,kho-scratch", 0x12000, 48);
            });
        }));
    }

    private static KexecDtb.Inputs inputs(long initrd, String cmdline, boolean kho, boolean appendOnly, boolean rng) {
        return new KexecDtb.Inputs(DTB, initrd, 0x2000, cmdline, kho ? 0x4e00_0000L : 0, kho ? ARRAY : null, appendOnly, rng);
    }

    private static Fdt build(Fdt from, KexecDtb.Inputs in) {
        Fdt next = KexecDtb.build(from, in, new KernelRandom(1));
        Dtc.decompile(next.toBytes());
        return next;
    }

    private static List<String> names(FdtNode n) {
        return n.properties().stream().map(FdtProperty::name).toList();
    }

    @Test
    void the_order_of_edits_shows_in_the_order_of_chosen() {
        Fdt next = build(firmware(new FdtWriter()), inputs(0x5000_0000L, "new", true, false, true));
        assertEquals(List.of("linux,booted-from-kexec", "rng-seed", "kaslr-seed", "linux,kho-scratch", "linux,kho-fdt", "bootargs",
                "linux,initrd-start", "linux,initrd-end"), names(next.node("/chosen")));
        assertEquals("new", next.node("/chosen").string("bootargs"));
    }

    @Test
    void reservations_of_the_old_tree_and_the_old_initrd_go_and_the_new_initrds_comes() {
        Fdt probe = firmware(new FdtWriter().reserve(DTB, 1).reserve(0x4900_0000L, 0x1234).reserve(0x4100_0000L, 0x1000));
        Fdt from = firmware(new FdtWriter().reserve(DTB, probe.totalSize()).reserve(0x4900_0000L, 0x1234).reserve(0x4100_0000L, 0x1000));
        Fdt next = build(from, inputs(0x5000_0000L, null, false, false, true));
        assertEquals(List.of(new FdtReservation(0x4100_0000L, 0x1000), new FdtReservation(0x5000_0000L, 0x2000)), next.reservations());
        assertEquals(0x5000_0000L, next.node("/chosen").u64("linux,initrd-start"));
        assertEquals(0x5000_2000L, next.node("/chosen").u64("linux,initrd-end"));
    }

    @Test
    void an_old_initrd_reserved_in_whole_pages_is_found_too() {
        Fdt next = build(firmware(new FdtWriter().reserve(0x4900_0000L, 0x2000)), inputs(0, "x", false, false, true));
        assertEquals(List.of(), next.reservations());
    }

    @Test
    void without_initrd_and_command_line_their_properties_go() {
        Fdt next = build(firmware(new FdtWriter()), inputs(0, null, false, false, false));
        assertEquals(List.of("linux,booted-from-kexec"), names(next.node("/chosen")));
    }

    @Test
    void seeds_are_new_when_random_numbers_are_ready_and_the_same_twice() {
        Fdt next = build(firmware(new FdtWriter()), inputs(0, null, false, false, true));
        KernelRandom random = new KernelRandom(1);
        assertEquals(random.nextU64(), next.node("/chosen").u64("kaslr-seed"));
        byte[] seed = new byte[128];
        random.fill(seed);
        assertArrayEquals(seed, next.node("/chosen").get("rng-seed").bytes());
    }

    @Test
    void inherited_kho_properties_are_replaced_or_with_the_quirk_doubled() {
        Fdt good = build(firmware(new FdtWriter()), inputs(0, null, true, false, true));
        assertArrayEquals(new int[] {0, 0x4e00_0000, 0, 0x1000}, good.node("/chosen").get("linux,kho-fdt").cells());
        assertArrayEquals(new int[] {0, 0x4f00_0000, 0, 48}, good.node("/chosen").get("linux,kho-scratch").cells());
        Fdt doubled = build(firmware(new FdtWriter()), inputs(0, null, true, true, true));
        assertArrayEquals(new int[] {0, 0x11000, 0, 0x1000, 0, 0x4e00_0000, 0, 0x1000},
                doubled.node("/chosen").get("linux,kho-fdt").cells());
    }

    @Test
    void a_tree_without_chosen_gets_one() {
        Fdt bare = Fdt.of(new FdtWriter().write(root -> root.u32("#address-cells", 2)));
        Fdt next = build(bare, inputs(0, "hello", false, false, true));
        assertEquals("hello", next.node("/chosen").string("bootargs"));
    }

    @Test
    void segments_come_in_the_loaders_order_at_the_loaders_places() {
        TestKernel k = TestKernel.boot(TestKernel.memory(128), Era.V7_2).load(1);
        List<KexecSegment> s = k.kexec.image().segments();
        assertEquals(List.of("kho-scratch", "kernel", "initrd", "dtb"), s.stream().map(KexecSegment::label).toList());
        var lowmem = k.kho.scratch().getFirst().range();
        assertEquals(lowmem.end() - 0x10000, s.get(0).mem(), "the array is at the top of the first area, 64 KiB aligned");
        assertEquals(lowmem.start(), s.get(1).mem(), "the kernel at its base");
        assertEquals(s.get(1).range().end(), s.get(2).mem(), "the initrd directly above");
        assertEquals(0, s.get(3).mem() % (2 << 20), "the tree on 2 MiB, from the top");
        assertEquals(k.kexec.image().dtbMem(), s.get(3).mem());
        assertTrue(s.stream().allMatch(x -> lowmem.contains(x.range())));
    }

    @Test
    void a_place_from_the_top_that_is_taken_is_left_page_by_page_downwards_and_from_the_bottom_upwards() {
        TestKernel k = TestKernel.boot(TestKernel.memory(64, ""), Era.V5_16);
        Kimage image = Kimage.allocate(k, k.pages, true);
        Placement placement = new Placement(k.memblock, k.kho);
        long top = k.memblock.freeRanges(0).getLast().end();
        Bytes page = Bytes.of(new byte[4096]);
        assertEquals(top - 4096, placement.add(image, new KexecBuffer("a", page, 0, 4096, 0, 0, KexecBuffer.NO_LIMIT, true)).mem());
        assertEquals(top - 8192, placement.add(image, new KexecBuffer("b", page, 0, 1, 0, 0, KexecBuffer.NO_LIMIT, true)).mem());
        assertEquals(top - 0x10000 - 0x10000, placement.add(image,
                new KexecBuffer("c", page, 0, 4096, 0x10000, 0, top - 0x10000 - 1, true)).mem(), "the limit is the last byte");
        long bottom = k.memblock.freeRanges(0).getFirst().start();
        assertEquals(bottom, placement.add(image, new KexecBuffer("d", page, 0, 4096, 0, 0, KexecBuffer.NO_LIMIT, false)).mem());
        assertEquals(bottom + 4096, placement.add(image, new KexecBuffer("e", page, 0, 4096, 0, 0, KexecBuffer.NO_LIMIT, false)).mem());
    }

    @Test
    void a_buffer_after_the_control_pages_or_beyond_sixteen_is_EINVAL() {
        TestKernel k = TestKernel.boot(TestKernel.memory(64, ""), Era.V5_16);
        Placement placement = new Placement(k.memblock, k.kho);
        KexecBuffer buffer = new KexecBuffer("a", Bytes.of(new byte[1]), 0, 1, 0, 0, KexecBuffer.NO_LIMIT, true);
        Kimage full = Kimage.allocate(k, k.pages, true);
        for (int i = 0; i < 16; i++) {
            placement.add(full, buffer);
        }
        assertEquals(Errno.EINVAL, assertThrows(KernelError.class, () -> placement.add(full, buffer)).errno());
        Kimage closed = Kimage.allocate(k, k.pages, true);
        closed.allocControlPages(0);
        assertEquals(Errno.EINVAL, assertThrows(KernelError.class, () -> placement.add(closed, buffer)).errno());
    }

    @Test
    void without_kho_the_kernel_goes_to_the_first_free_2_mib_and_text_offset_is_added() {
        TestKernel k = TestKernel.boot(TestKernel.memory(64, ""), Era.V5_16);
        byte[] image = TestKernel.image(1).toArray();
        image[10] = 8;
        assertTrue(k.kexec.kexecFileLoad(Bytes.wrap(image), null, "x", 0).ok());
        KexecSegment kernel = k.kexec.image().segments().getFirst();
        assertEquals(TestKernel.RAM + (2 << 20) + 0x8_0000, kernel.mem(), "this kernel lies in the first 2 MiB");
        assertEquals(TestKernel.IMAGE_SIZE, kernel.memsz());
        assertEquals(kernel.mem(), k.kexec.image().start());
    }

    @Test
    void kexec_tools_puts_all_segments_bottom_up_with_purgatory_as_entry() {
        TestKernel k = TestKernel.boot(TestKernel.memory(64, ""), Era.V4_8);
        assertTrue(k.kexec.kexecToolsLoad(TestKernel.image(1), TestKernel.initrd(1), "console=x", 0x900_0000L).ok());
        Kimage image = k.kexec.image();
        assertEquals(List.of("kernel", "initrd", "dtb", "purgatory").size(), image.segments().size());
        assertEquals("kernel", image.segments().getFirst().label());
        KexecSegment purgatory = image.segments().stream().filter(s -> s.label().equals("purgatory")).findFirst().orElseThrow();
        assertTrue(image.start() >= purgatory.mem() && image.start() < purgatory.range().end());
        assertEquals(0, image.dtbMem(), "purgatory knows the tree");
        Fdt dtb = Fdt.of(image.segments().stream().filter(s -> s.label().equals("dtb")).findFirst().orElseThrow().buf().array());
        Dtc.decompile(dtb.toBytes());
        assertEquals("console=x", dtb.node("/chosen").string("bootargs"));
        assertFalse(dtb.node("/chosen").u64("kaslr-seed") == 0, "randomised again");
        assertEquals(List.of(), k.rules());
    }

    @Test
    void kexec_load_after_a_kho_boot_forwards_stale_properties_and_is_reported() {
        TestKernel two = TestKernel.boot(TestKernel.memory(128), Era.V7_2).load(2).jump(Era.V7_2);
        assertTrue(two.kexec.kexecToolsLoad(TestKernel.image(3), null, "x", 0).ok());
        assertEquals(List.of("kho-chosen-stale"), two.rules());
    }

    /**
     * early_init_dt_scan_chosen replaces rng-seed by NOP tags, which neither fdt_open_into nor fdt_pack removes; the new seed is a
     * new property: 12 + 128 bytes more for each kexec_file_load, in Linux too.
     */
    @Test
    void twenty_generations_grow_by_nothing_but_the_wiped_seed_in_the_tree() {
        TestKernel k = TestKernel.boot(TestKernel.memory(64), Era.V7_2);
        List<KexecCore.Account> accounts = new ArrayList<>();
        int tree = 0;
        for (int i = 2; i <= 20; i++) {
            k.test.preserve("kho_test", List.of(0, 1), 5);
            k = k.load(i).jump(Era.V7_2);
            assertEquals("", k.test.restore("kho_test").error());
            k.load(i);
            if (i > 3) {
                assertEquals(tree + 140, k.tree.totalSize(), "generation " + i);
            }
            tree = k.tree.totalSize();
            accounts.add(k.kexec.account());
            assertEquals(List.of(), k.rules());
        }
        KexecCore.Account early = accounts.get(1);
        KexecCore.Account late = accounts.getLast();
        assertEquals(early.segments(), late.segments());
        assertEquals(early.reserved() + 17 * 140, late.reserved());
        assertEquals(early.used(), late.used());
        assertEquals(early.image(), late.image());
    }
}
