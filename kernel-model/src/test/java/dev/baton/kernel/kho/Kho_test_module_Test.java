package dev.baton.kernel.kho;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.fdt.Fdt;
import dev.baton.kernel.Dtc;
import dev.baton.kernel.Era;
import dev.baton.kernel.TestKernel;
import dev.baton.kernel.mm.PhysRange;
import org.junit.jupiter.api.Test;

import java.util.List;

class Kho_test_module_Test {
    private final TestKernel k = TestKernel.boot(TestKernel.memory(64), Era.V7_2);

    private Fdt tree() {
        return Fdt.of(k.kho.debugfs().get("out/sub_fdts/kho_test").array());
    }

    @Test
    void its_tree_has_the_modules_layout() {
        k.test.preserve("kho_test", List.of(0, 1), 3);
        Fdt fdt = tree();
        assertEquals(0x4b48_4f21, fdt.root().get("magic").nativeU32());
        assertEquals(2, fdt.node("/data").get("nr_folios").nativeU32());
        assertEquals(16, fdt.node("/data").get("folios_info").length());
        assertTrue(Dtc.decompile(fdt.toBytes()).contains("nr_folios"));
    }

    @Test
    void the_checksum_is_that_of_the_bytes_summed_in_pairs() {
        long folio = k.test.preserve("kho_test", List.of(1), 3).getFirst().phys();
        byte[] b = k.memory.read(folio, 8192);
        int sum = 0;
        for (int i = 0; i < b.length; i += 2) {
            sum += b[i] & 0xff | (b[i + 1] & 0xff) << 8;
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        assertEquals(sum, tree().node("/data").get("csum").nativeU32());
    }

    @Test
    void one_changed_byte_is_found_and_named() {
        long folio = k.test.preserve("kho_test", List.of(1), 3).getFirst().phys();
        k.load(2);
        byte old = k.memory.read(folio + 5000, 1)[0];
        k.memory.write(folio + 5000, new byte[] {(byte) ~old});
        TestKernel two = k.jumpUnchecked(Era.V7_2);
        KhoTest.Restored r = two.test.restore("kho_test");
        assertFalse(r.intact());
        assertTrue(r.error().startsWith("checksum 0x"), r.error());
        assertTrue(two.log.contains("test_kho: KHO restore failed"));
    }

    @Test
    void two_changes_that_cancel_in_the_checksum_are_found_too() {
        long folio = k.test.preserve("kho_test", List.of(0), 3).getFirst().phys();
        k.load(2);
        byte[] b = k.memory.read(folio, 4);
        k.memory.write(folio, new byte[] {b[2], b[3], b[0], b[1]});
        KhoTest.Restored r = k.jumpUnchecked(Era.V7_2).test.restore("kho_test");
        assertTrue(r.error().startsWith("byte at 0x%x is".formatted(folio)), r.error());
    }

    @Test
    void restored_folios_that_are_not_preserved_again_are_freed_when_others_take_their_name() {
        k.test.preserve("kho_test", List.of(3), 3);
        TestKernel two = k.load(2).jump(Era.V7_2);
        long folio = two.test.restore("kho_test").folios().getFirst().phys();
        assertFalse(two.pages.isFree(PhysRange.of(folio, 4096)));
        two.test.preserve("kho_test", List.of(1), 4);
        assertThrows(IllegalStateException.class, () -> two.pages.free(folio, 3), "it is no allocation any more");
        assertTrue(two.test.restore("nobody").error().contains("ENOENT"));
    }
}
