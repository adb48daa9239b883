package dev.baton.kernel.kho;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.core.fdt.FdtWriter;
import org.junit.jupiter.api.Test;

class A_handover_tree_is_read_as_native_numbers_Test {
    @Test
    void addresses_in_hex_and_sizes_in_decimal() {
        byte[] page = new FdtWriter().write(root -> {
            root.strings("compatible", "kho-v4");
            root.nativeU64("preserved-memory-map", 0x4800_1000L);
            root.node("kexec-metadata", n -> {
                n.nativeU64("preserved-data", 0x4800_0700L);
                n.nativeU64("blob-size", 73);
            });
        });
        assertEquals("""
                kho-v4  preserved-memory-map 0x48001000
                  kexec-metadata  preserved-data 0x48000700  blob-size 73""", KhoTree.print(page));
    }

    @Test
    void a_page_that_is_no_tree_yet_prints_nothing() {
        assertEquals("", KhoTree.print(new byte[4096]));
    }
}
