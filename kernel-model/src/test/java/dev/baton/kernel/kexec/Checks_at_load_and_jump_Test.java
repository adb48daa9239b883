package dev.baton.kernel.kexec;

import static dev.baton.kernel.TestKernel.RAM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtEditor;
import dev.baton.core.finding.Finding;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.kernel.ArrayMemory;
import dev.baton.kernel.Era;
import dev.baton.kernel.TestKernel;
import dev.baton.kernel.kho.Kho;
import dev.baton.kernel.kho.KhoScratch;
import dev.baton.kernel.kho.ScratchArea;
import dev.baton.kernel.mm.PhysRange;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.List;

class Checks_at_load_and_jump_Test {
    private static final long M = 1 << 20;

    private static KexecSegment segment(long mem, long size) {
        return KexecSegment.of("payload", Bytes.of(new byte[16]), mem, size);
    }

    private static TestKernel loaded(TestKernel k, long mem, long size) {
        assertTrue(k.kexec.kexecLoad(mem, List.of(segment(mem, size)), 0).ok());
        return k;
    }

    @Test
    void a_destination_that_covers_what_firmware_reserved_is_reported_with_both_ranges() {
        ArrayMemory memory = TestKernel.memory(64, "");
        FdtEditor e = FdtEditor.of(Fdt.of(TestKernel.firmwareTree(memory.size(), "")), 64);
        e.addReservation(RAM + 32 * M, 0x2000);
        memory.write(TestKernel.FIRST_DTB, e.toBytes());
        TestKernel k = loaded(TestKernel.boot(memory, Era.V5_16), RAM + 32 * M - 0x1000, 0x2000);
        assertEquals(List.of("kexec-destination-reserved"), k.rules());
        Finding f = k.findings.getFirst();
        assertEquals("[0x41fff000-0x42000fff]", f.details().get("destination"));
        assertEquals("[0x42000000-0x42001fff]", f.details().get("range"));
        assertEquals("payload", f.details().get("segment"));
    }

    @Test
    void a_destination_over_preserved_memory_is_reported_when_it_is_loaded() {
        TestKernel k = TestKernel.boot(TestKernel.memory(64), Era.V7_2);
        long folio = k.pages.alloc(2);
        k.kho.preserveFolio(folio, 2);
        loaded(k, folio, 0x1000);
        assertEquals(List.of("kho-preserved-in-destination"), k.rules());
    }

    @Test
    void memory_preserved_after_the_load_is_reported_at_the_jump() {
        TestKernel k = TestKernel.boot(TestKernel.memory(64), Era.V7_2);
        long folio = k.pages.alloc(2);
        loaded(k, folio, 0x1000);
        assertEquals(List.of(), k.rules());
        k.kho.preserveFolio(folio, 2);
        assertTrue(k.kexec.rebootKexec().ok());
        assertEquals(List.of("kho-preserved-in-destination"), k.rules());
    }

    @Test
    void a_destination_over_the_handover_tree_is_reported_as_both_preserved_and_metadata() {
        TestKernel k = TestKernel.boot(TestKernel.memory(64), Era.V7_2);
        loaded(k, k.kho.fdtPhys(), 0x1000);
        assertEquals(List.of("kho-preserved-in-destination", "kho-metadata-in-destination"), k.rules());
        assertTrue(k.findings.get(1).what().contains("root FDT"));
    }

    @Test
    void a_destination_over_a_node_of_the_radix_tree_is_reported() {
        TestKernel k = TestKernel.boot(TestKernel.memory(64), Era.V7_2);
        long node = k.kho.metadata().getLast().range().start();
        loaded(k, node, 0x1000);
        assertEquals(List.of("kho-metadata-in-destination"), k.rules());
    }

    @Test
    void control_pages_and_list_under_a_destination_are_reported() {
        TestKernel k = TestKernel.boot(TestKernel.memory(64, ""), Era.V5_16);
        Kimage image = Kimage.allocate(k, k.pages, false);
        long control = image.allocControlPages(0);
        image.loadSegment(segment(RAM + 40 * M, 0x1000));
        PhysRange list = image.listPages().getFirst();
        image.addSegment(segment(control, 0x1000));
        image.addSegment(segment(list.start(), 0x1000));
        new KexecChecks(k, k.memblock, k.kho).destinations(image, null);
        assertEquals(List.of("kexec-destination-covers-control-page", "kexec-destination-covers-list"), k.rules());
    }

    @Test
    void metadata_in_scratch_is_reported_at_the_jump() {
        TestKernel k = TestKernel.boot(TestKernel.memory(64), Era.V7_2);
        k.load(2);
        StateWriter out = new StateWriter();
        k.kho.save(out);
        byte[] state = out.toByteArray();
        byte[] areas = KhoScratch.array(k.kho.scratch());
        byte[] moved = KhoScratch.array(List.of(new ScratchArea(k.kho.fdtPhys(), 4096), new ScratchArea(0, 0), new ScratchArea(0, 0)));
        System.arraycopy(moved, 0, state, find(state, areas), moved.length);
        k.kho.load(new StateReader(state));
        assertTrue(k.kexec.rebootKexec().ok());
        assertEquals(List.of("kho-metadata-in-scratch"), k.rules());
    }

    private static int find(byte[] in, byte[] what) {
        for (int i = 0; ; i++) {
            if (ByteBuffer.wrap(in, i, what.length).equals(ByteBuffer.wrap(what))) {
                return i;
            }
        }
    }

    @Test
    void a_clean_load_and_jump_is_without_findings_in_every_era() {
        for (Era era : Era.values()) {
            TestKernel k = TestKernel.boot(TestKernel.memory(64), era);
            if (era.kho() == Era.KhoAbi.KHO_V1) {
                k.kho.finalizeWrite(true);
            }
            TestKernel next = k.load(2).jump(era);
            assertEquals(List.of(), k.rules(), era.toString());
            assertEquals(List.of(), next.rules(), era.toString());
            Kho kho = next.kho;
            assertEquals(era.kho() != Era.KhoAbi.NONE, kho.isKhoBoot(), era.toString());
        }
    }
}
