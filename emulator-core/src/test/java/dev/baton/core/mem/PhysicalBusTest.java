package dev.baton.core.mem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PhysicalBusTest {
    @Test
    void every_byte_belongs_to_one_bank_or_window_or_nobody() {
        PhysicalBus bus = new PhysicalBus();
        Ram low = new Ram(0x1000_0000L, 0x2000, CachePolicy.NONE);
        Ram high = new Ram(0x8_0000_0000L, 0x1000, CachePolicy.NONE);
        bus.add(low);
        bus.add(high);
        bus.add("uart", 0x900_0000L, 0x1000, null);
        assertSame(low, bus.ram(0x1000_1fffL));
        assertSame(high, bus.ram(0x8_0000_0fffL));
        assertNull(bus.ram(0x1000_2000L));
        assertNull(bus.ram(0x0fff_ffffL));
        assertEquals("uart", bus.window(0x900_0fffL).name());
        assertNull(bus.window(0x900_1000L));
        low.close();
        high.close();
    }

    @Test
    void overlaps_are_refused_with_both_names() {
        PhysicalBus bus = new PhysicalBus();
        bus.add("gic", 0x800_0000L, 0x1_0000, null);
        String message = assertThrows(IllegalArgumentException.class, () -> bus.add("uart", 0x800_ffffL, 1, null)).getMessage();
        assertEquals("uart at 0x800ffff+0x1 overlaps gic at 0x8000000+0x10000", message);
    }
}
