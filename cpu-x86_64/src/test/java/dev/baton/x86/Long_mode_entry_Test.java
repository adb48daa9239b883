package dev.baton.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.baton.core.machine.LaunchPlan;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.SortedMap;

final class Long_mode_entry_Test {
    private static LongModeEntry entry() {
        return new LongModeEntry(0x100_0200, 0x9_0000, 0x8000, 0x10, 0x18);
    }

    @Test
    void has_paging_and_long_mode_on_and_interrupts_off() {
        SortedMap<String, Long> r = entry().registers();
        assertEquals(0x8000_0011L, r.get("cr0"));
        assertEquals(0x20L, r.get("cr4"));
        assertEquals(0x500L, r.get("efer"));
        assertEquals(2L, r.get("rflags"));
        assertEquals(0x8000L, r.get("cr3"));
    }

    @Test
    void passes_its_argument_in_rsi_and_zero_in_every_other_general_register() {
        SortedMap<String, Long> r = entry().registers();
        for (String name : LongModeEntry.GENERAL) {
            assertEquals(name.equals("rsi") ? 0x9_0000L : 0, r.get(name), name);
        }
        assertEquals(0x100_0200L, r.get("rip"));
    }

    @Test
    void has_flat_segments() {
        SortedMap<String, Long> r = entry().registers();
        assertEquals(List.of(0x10L, 0x18L, 0x18L, 0x18L), List.of(r.get("cs"), r.get("ds"), r.get("es"), r.get("ss")));
    }

    @Test
    void makes_equal_launch_plans_from_equal_inputs() {
        assertEquals(new LaunchPlan(0, List.of(), entry().registers()), new LaunchPlan(0, List.of(), entry().registers()));
    }

    @Test
    void refuses_a_state_no_cpu_can_be_in() {
        assertRefused("rip: expected a canonical address, found 0x800000000000", 1L << 47, 0x8000, 0x10, 0x18);
        assertRefused("cr3: expected a page-aligned address within 52 bits, found 0x8008", 0, 0x8008, 0x10, 0x18);
        assertRefused("cr3: expected a page-aligned address within 52 bits, found 0x10000000000000", 0, 1L << 52, 0x10, 0x18);
        assertRefused("cs: expected a GDT selector of privilege 0, found 0x0", 0, 0x8000, 0, 0x18);
        assertRefused("ds: expected a GDT selector of privilege 0, found 0x2b", 0, 0x8000, 0x10, 0x2b);
    }

    @Test
    void accepts_the_highest_addresses() {
        assertEquals(-1L, new LongModeEntry(-1, 0, (1L << 52) - 4096, 0xfff8, 8).registers().get("rip"));
    }

    private static void assertRefused(String sentence, long rip, long cr3, int cs, int ds) {
        assertEquals(sentence, assertThrows(IllegalArgumentException.class, () -> new LongModeEntry(rip, 0, cr3, cs, ds)).getMessage());
    }
}
