package dev.baton.kernel.kho;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.kernel.Era;
import dev.baton.kernel.Quirk;
import dev.baton.kernel.TestKernel;
import dev.baton.kernel.mm.Memblock;
import org.junit.jupiter.api.Test;

import java.util.List;

class A_chain_of_kho_v4_Test {
    private static final List<Integer> ORDERS = List.of(0, 3, 9);

    @Test
    void three_kernels_hand_over_the_same_folios_and_no_finding_is_made() {
        TestKernel one = TestKernel.boot(TestKernel.memory(256), Era.V7_2);
        List<KhoTest.Folio> folios = one.test.preserve("kho_test", ORDERS, 7);
        TestKernel two = one.load(2).jump(Era.V7_2);
        KhoTest.Restored inTwo = two.test.restore("kho_test");
        assertEquals("", inTwo.error());
        assertEquals(folios, inTwo.folios());
        assertEquals(folios, two.test.preserve("kho_test", ORDERS, 7), "the same memory goes on");
        TestKernel three = two.load(3).jump(Era.V7_2);
        KhoTest.Restored inThree = three.test.restore("kho_test");
        assertEquals("", inThree.error());
        assertEquals(folios, inThree.folios());
        for (TestKernel k : List.of(one, two, three)) {
            assertEquals(List.of(), k.rules());
        }
        assertTrue(two.log.contains("KHO: exec from: 7.2.0 (count 1)"), two.log.toString());
        assertTrue(three.log.contains("KHO: exec from: 7.2.0 (count 2)"), three.log.toString());
    }

    @Test
    void scratch_areas_are_inherited_unchanged() {
        TestKernel one = TestKernel.boot(TestKernel.memory(256), Era.V7_2);
        TestKernel two = one.load(2).jump(Era.V7_2);
        TestKernel three = two.load(3).jump(Era.V7_2);
        assertEquals(one.kho.scratch(), two.kho.scratch());
        assertEquals(one.kho.scratch(), three.kho.scratch());
    }

    @Test
    void until_the_page_allocator_takes_over_the_second_kernel_lives_in_scratch_alone() {
        TestKernel one = TestKernel.boot(TestKernel.memory(128), Era.V7_2);
        TestKernel two = one.load(2).jump(Era.V7_2);
        assertTrue(one.kho.scratch().stream().noneMatch(a -> a.range().overlaps(one.memmap.range())));
        assertTrue(two.kho.scratch().stream().anyMatch(a -> a.range().contains(two.memmap.range())));
        assertTrue(two.memblock.reserved().stream().filter(r -> (r.flags() & Memblock.RSRV_KERN) != 0)
                .allMatch(r -> two.kho.scratch().stream().anyMatch(a -> a.range().contains(r.range()))));
    }

    @Test
    void from_the_second_kernel_on_the_destination_is_the_running_kernel_itself() {
        TestKernel one = TestKernel.boot(TestKernel.memory(256), Era.V7_2);
        TestKernel two = one.load(2).jump(Era.V7_2);
        long running = one.kexec.image().start();
        assertEquals(running, two.load(3).kexec.image().start());
    }

    @Test
    void appending_to_inherited_properties_is_reported_where_it_is_written_and_where_it_is_ignored() {
        TestKernel one = TestKernel.boot(TestKernel.memory(256), Era.V7_2);
        one.test.preserve("kho_test", ORDERS, 7);
        TestKernel two = one.load(2).jump(Era.V7_2, Quirk.KHO_APPEND_CHOSEN);
        two.test.preserve("kho_test", ORDERS, 7);
        two.load(3);
        assertEquals(List.of("kho-chosen-doubled", "kho-chosen-doubled"), two.rules());
        assertTrue(two.findings.getFirst().details().get("range 1").contains("inherited from the tree generation 1 wrote"));
        assertTrue(two.findings.getFirst().details().get("range 2").contains("appended by generation 2"));
        TestKernel three = two.jump(Era.V7_2);
        assertEquals(List.of("kho-chosen-ignored", "kho-chosen-ignored"), three.rules());
        assertEquals("sub-tree 'kho_test': ENOENT", three.test.restore("kho_test").error());
    }
}
