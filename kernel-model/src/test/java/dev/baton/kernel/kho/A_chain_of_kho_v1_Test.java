package dev.baton.kernel.kho;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.kernel.Era;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.Quirk;
import dev.baton.kernel.TestKernel;
import org.junit.jupiter.api.Test;

import java.util.List;

class A_chain_of_kho_v1_Test {
    private static final List<Integer> ORDERS = List.of(0, 2, 8);

    private static TestKernel cold() {
        return TestKernel.boot(TestKernel.memory(128), Era.V6_16);
    }

    private static TestKernel next(TestKernel k, int seed, Quirk... quirks) {
        assertTrue(k.kho.finalizeWrite(true).ok());
        return k.load(seed).jump(Era.V6_16, quirks);
    }

    @Test
    void three_kernels_hand_over_the_same_folios_and_no_finding_is_made() {
        TestKernel one = cold();
        List<KhoTest.Folio> folios = one.test.preserve("kho_test", ORDERS, 7);
        TestKernel two = next(one, 2);
        assertEquals("", two.test.restore("kho_test").error());
        assertEquals(folios, two.test.preserve("kho_test", ORDERS, 7));
        TestKernel three = next(two, 3);
        assertEquals("", three.test.restore("kho_test").error());
        for (TestKernel k : List.of(one, two, three)) {
            assertEquals(List.of(), k.rules());
            assertEquals(one.kho.scratch(), k.kho.scratch());
        }
        assertTrue(two.log.contains("KHO: found kexec handover data. Will skip init for some devices"));
    }

    @Test
    void without_finalize_the_next_kernel_finds_no_tree_and_both_sides_are_told() {
        TestKernel one = cold();
        one.test.preserve("kho_test", ORDERS, 7);
        TestKernel two = one.load(2).jump(Era.V6_16);
        assertEquals(List.of("kho-not-finalized"), one.rules());
        assertEquals(List.of("kho-fdt-invalid"), two.rules());
        assertTrue(two.log.contains("KHO: disabling KHO revival: -22"), two.log.toString());
        assertEquals("sub-tree 'kho_test': ENOENT", two.test.restore("kho_test").error());
    }

    @Test
    void finalizing_twice_is_EEXIST_aborting_what_is_not_finalized_ENOENT() {
        TestKernel one = cold();
        assertEquals(Errno.ENOENT, one.kho.finalizeWrite(false).errno());
        assertTrue(one.kho.finalizeWrite(true).ok());
        assertEquals(Errno.EEXIST, one.kho.finalizeWrite(true).errno());
        assertTrue(one.kho.finalizeWrite(false).ok());
        assertEquals(Errno.ENOENT, one.kho.finalizeWrite(false).errno());
    }

    @Test
    void once_finalized_nothing_can_be_preserved_or_added() {
        TestKernel one = cold();
        long page = one.pages.alloc(0);
        one.kho.finalizeWrite(true);
        assertEquals(Errno.EBUSY, assertThrows(KernelError.class, () -> one.kho.preserveFolio(page, 0)).errno());
        assertEquals(Errno.EBUSY, assertThrows(KernelError.class, () -> one.kho.preservePages(page, 1)).errno());
        assertEquals(Errno.EBUSY, assertThrows(KernelError.class, () -> one.kho.addSubtree("x", page, 4096)).errno());
    }

    @Test
    void an_abort_gives_all_memory_back_and_a_second_finalize_writes_the_same_map() {
        TestKernel one = cold();
        one.test.preserve("kho_test", ORDERS, 7);
        one.kho.finalizeWrite(true);
        List<?> map = one.kho.preserved();
        long used = one.pages.usedBytes();
        one.kho.finalizeWrite(false);
        assertTrue(one.pages.usedBytes() < used);
        assertEquals(List.of(), one.kho.preserved());
        one.kho.finalizeWrite(true);
        assertEquals(map, one.kho.preserved());
        assertEquals(used, one.pages.usedBytes());
    }

    @Test
    void a_kernel_of_another_format_starts_cold_and_says_why() {
        TestKernel one = cold();
        one.test.preserve("kho_test", ORDERS, 7);
        one.kho.finalizeWrite(true);
        TestKernel two = one.load(2).jump(Era.V7_2);
        assertEquals(List.of("kho-incompatible-root"), two.rules());
        assertTrue(two.log.contains("KHO: setup: handover FDT (0x%x) is incompatible with 'kho-v4': 1".formatted(one.kho.fdtPhys())),
                two.log.toString());
        assertTrue(two.log.contains("KHO: disabling KHO revival"));
    }

    @Test
    void unpreserving_what_was_never_preserved_would_loop_for_ever() {
        TestKernel one = cold();
        one.kho.unpreserveFolio(TestKernel.RAM + (100 << 20), 0);
        assertEquals(List.of("kho-unpreserve-never-ends"), one.rules());
    }

    @Test
    void appending_to_inherited_properties_loses_the_third_kernels_handover() {
        TestKernel one = cold();
        TestKernel two = next(one, 2, Quirk.KHO_APPEND_CHOSEN);
        TestKernel three = next(two, 3);
        assertEquals(List.of("kho-chosen-doubled", "kho-chosen-doubled"), two.rules());
        assertEquals(List.of("kho-chosen-ignored", "kho-chosen-ignored"), three.rules());
    }
}
