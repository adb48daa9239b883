package dev.baton.arm64.system;

import static dev.baton.arm64.system.Tables.NORMAL;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.arm64.mmu.Mmu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The stage 1 walk: sizes, levels and every fault it knows. */
class Walk_Test {
    private static final long TABLES = Bare.RAM + (8L << 20);
    private static final long VA = 0x1234_5000_0000L;

    @ParameterizedTest
    @CsvSource({"12,48", "12,39", "12,32", "14,48", "14,47", "14,36", "16,48", "16,42"})
    void a_page_translates_with_every_granule_and_input_size(int pageBits, int inputBits) {
        try (Bare b = new Bare(1)) {
            long va = VA & (1L << inputBits) - 1;
            new Tables(b.ram, pageBits, inputBits, TABLES, true).page(va, 0x4100_0000L, NORMAL).enableEl1(b, 0);
            assertEquals(0x4100_0123L, b.pa(va + 0x123));
            assertEquals((1L << pageBits) - 1, b.cpu.mmu.pageMask);
            assertEquals(7, b.fault(va + (1L << pageBits), Mmu.READ), "the next page is not mapped: translation fault, level 3");
            assertEquals(0x4100_0123L, b.pa(-1L << inputBits | va + 0x123), "the same tables through TTBR1_EL1");
        }
    }
}
