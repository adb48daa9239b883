package dev.baton.devices.gic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.io.OwnedRange;
import dev.baton.core.mem.Accessor;
import dev.baton.core.mem.BusMaster;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.MemoryChecks;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.devices.Level;
import dev.baton.devices.UnmodelledAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** LPIs and the ITS, over memory with caches: scenarios in which the tables' place, attributes and owner matter. */
class ItsTest {
    private static final long RAM = 0x4000_0000L;
    private static final long DEVICES = RAM + 0x1_0000;
    private static final long COLLECTIONS = RAM + 0x2_0000;
    private static final long QUEUE = RAM + 0x3_0000;
    private static final long PROPERTIES = RAM + 0x4_0000;
    private static final long PENDING = RAM + 0x5_0000;
    private static final long ITT = RAM + 0x7_0000;
    private static final int LPI = 8195;

    /** Inner Shareable, Inner Read-Allocate Write-Allocate Write-Back, in the places of the redistributor's and the ITS's registers. */
    private static final long GICR_COHERENT = 0x780;
    private static final long GITS_COHERENT = 7L << 59 | 1 << 10;

    private final PhysicalBus bus = new PhysicalBus();
    private final Ram ram = new Ram(RAM, 1 << 20, CachePolicy.STRICT);
    private final BusMaster cpu = new BusMaster(bus, "CPU");
    private final List<String> dirtyReads = new ArrayList<>();
    private final Level irq = new Level();
    private Gic gic;
    private Its its;
    private int tail;

    ItsTest() {
        bus.add(ram);
        ram.checks(new MemoryChecks() {
            @Override
            public void pocReadOfDirtyLine(Accessor who, long pa, int size, long cached, long poc, boolean fetch) {
                dirtyReads.add("%s at 0x%x".formatted(who.activity(), pa));
            }
        });
    }

    @AfterEach
    void close() {
        ram.close();
    }

    private void bringUp(boolean sticky, long redistributorAttributes, long itsAttributes) {
        gic = new Gic(new long[] {0, 1}, new LpiSupport(new BusMaster(bus, "redistributor"), () -> 500, sticky), UnmodelledAccess.UNHEARD);
        its = new Its(gic, 0x0808_0000L, new LpiSupport(new BusMaster(bus, "ITS"), () -> 700, sticky), UnmodelledAccess.UNHEARD);
        gic.connect(0, irq, new Level());
        gic.distributor().write(0, 4, 0x13);
        gic.write(0, "ICC_PMR_EL1", 0xf8);
        gic.write(0, "ICC_IGRPEN1_EL1", 1);
        for (int i = 0; i < 2; i++) {
            redistributor(i, 0x70, 8, PROPERTIES | redistributorAttributes | 15);
            redistributor(i, 0x78, 8, PENDING + i * 0x1_0000L | redistributorAttributes);
            redistributor(i, 0, 4, 1);
        }
        its.write(0x100, 8, 1L << 63 | DEVICES | itsAttributes);
        its.write(0x108, 8, 1L << 63 | COLLECTIONS | itsAttributes);
        its.write(0x80, 8, 1L << 63 | QUEUE | itsAttributes);
        its.write(0, 4, 1);
    }

    private void coherent() {
        bringUp(false, GICR_COHERENT, GITS_COHERENT);
    }

    private void redistributor(int index, int offset, int size, long value) {
        gic.redistributors().write(index * Gic.REDISTRIBUTOR_SIZE + offset, size, value);
    }

    private long redistributor(int index, int offset, int size) {
        return gic.redistributors().read(index * Gic.REDISTRIBUTOR_SIZE + offset, size);
    }

    private void store(long address, int size, long value) {
        ram.store(cpu, address, size, value, true);
    }

    private void command(long dw0, long dw1, long dw2, long dw3) {
        long[] dw = {dw0, dw1, dw2, dw3};
        for (int i = 0; i < 4; i++) {
            store(QUEUE + tail + 8 * i, 8, dw[i]);
        }
        tail = (tail + 32) % 4096;
        its.write(0x88, 8, tail);
    }

    private void mapEverything() {
        store(PROPERTIES + LPI - 8192, 1, 0xa3);
        command(8 | 5L << 32, 4, 1L << 63 | ITT, 0);
        command(9, 0, 1L << 63 | 2, 0);
        command(0xa | 5L << 32, (long) LPI << 32 | 9, 2, 0);
    }

    @Test
    void tables_have_pages_of_64_KiB_before_anybody_says_otherwise() {
        its = new Its(new Gic(new long[] {0}, UnmodelledAccess.UNHEARD), 0x0808_0000L,
                new LpiSupport(new BusMaster(new PhysicalBus(), "ITS"), () -> 0, false), UnmodelledAccess.UNHEARD);
        assertEquals(0x0107_0000_0000_0200L, its.read(0x100, 8));
        assertEquals(0x0407_0000_0000_0200L, its.read(0x108, 8));
        its.write(0x100, 8, 1L << 63);
        its.reset();
        assertEquals(0x0107_0000_0000_0200L, its.read(0x100, 8));
    }

    @Test
    void an_MSI_of_a_mapped_device_becomes_the_LPI_of_its_event() {
        coherent();
        mapEverything();
        its.msi(5, 9);
        assertTrue(irq.isHigh());
        assertEquals(LPI, gic.read(0, "ICC_IAR1_EL1"));
        assertFalse(irq.isHigh());
        assertEquals(0xa0, gic.read(0, "ICC_RPR_EL1"));
        gic.write(0, "ICC_EOIR1_EL1", LPI);
        assertEquals(0xff, gic.read(0, "ICC_RPR_EL1"));
        assertEquals(1023, gic.read(0, "ICC_IAR1_EL1"));
        its.msi(5, 8);
        its.msi(6, 9);
        its.msi(-1, -1);
        assertFalse(irq.isHigh(), "unmapped events and devices");
        assertEquals(0x0809_0040L, its.address());
    }

    @Test
    void a_changed_configuration_counts_once_it_was_invalidated_and_not_before() {
        coherent();
        mapEverything();
        its.msi(5, 9);
        assertTrue(irq.isHigh());
        store(PROPERTIES + LPI - 8192, 1, 0xa2);
        gic.write(0, "ICC_PMR_EL1", 0xf8);
        assertTrue(irq.isHigh(), "the redistributor knows the old one");
        command(0xc | 5L << 32, 9, 0, 0);
        assertFalse(irq.isHigh());
        store(PROPERTIES + LPI - 8192, 1, 0xa3);
        command(0xd, 0, 2, 0);
        assertTrue(irq.isHigh());
    }

    @Test
    void a_pending_LPI_is_in_the_table_in_memory_and_survives_disabling_there() {
        coherent();
        mapEverything();
        its.msi(5, 9);
        assertEquals(1 << 3, cpu.load(PENDING + LPI / 8, 1, true));
        redistributor(0, 0, 4, 0);
        assertFalse(irq.isHigh());
        assertEquals(1 << 3, cpu.load(PENDING + LPI / 8, 1, true));
        redistributor(0, 0, 4, 1);
        assertTrue(irq.isHigh());
        redistributor(0, 0, 4, 0);
        redistributor(0, 0x78, 8, PENDING | GICR_COHERENT | 1L << 62);
        redistributor(0, 0, 4, 1);
        assertFalse(irq.isHigh(), "PTZ: the table is said to be zero and is not read");
        assertEquals(0, redistributor(0, 0x78, 8) >>> 62, "PTZ is write-only");
    }

    @Test
    void EnableLPIs_is_clearable_or_sticky_and_CES_says_which() {
        coherent();
        assertEquals(3, redistributor(0, 0, 4));
        redistributor(0, 0, 4, 0);
        assertEquals(2, redistributor(0, 0, 4));
        bringUp(true, GICR_COHERENT, GITS_COHERENT);
        assertEquals(1, redistributor(0, 0, 4));
        redistributor(0, 0, 4, 0);
        assertEquals(1, redistributor(0, 0, 4));
        long propbaser = redistributor(0, 0x70, 8);
        redistributor(0, 0x70, 8, 0);
        assertEquals(propbaser, redistributor(0, 0x70, 8), "the table in use stays");
    }

    @Test
    void tables_with_non_cacheable_attributes_are_read_past_the_caches_and_a_missing_clean_shows() {
        bringUp(false, 0x80, 1L << 59);
        store(PROPERTIES + LPI - 8192, 1, 0xa3);
        command(0xd, 0, 0, 0);
        assertEquals("ITS at 0x%x".formatted(QUEUE), dirtyReads.getFirst());
        assertEquals(0x20, its.read(0x90, 8), "what it read was a command of zeros");
    }

    @Test
    void a_queue_that_is_not_in_memory_stalls_until_retry_is_written() {
        coherent();
        its.write(0, 4, 0);
        its.write(0x80, 8, 1L << 63 | 0x1000 | GITS_COHERENT);
        its.write(0, 4, 1);
        its.write(0x88, 8, 0x20);
        assertEquals(1, its.read(0x90, 8));
        its.write(0, 4, 0);
        its.write(0x80, 8, 1L << 63 | QUEUE | GITS_COHERENT);
        its.write(0, 4, 1);
        assertEquals(0x20, its.read(0x90, 8), "GITS_CBASER clears GITS_CREADR");
    }

    @Test
    void a_table_that_is_not_in_memory_stalls_at_its_command() {
        coherent();
        mapEverything();
        long before = its.read(0x90, 8);
        command(8 | 6L << 32, 4, 1L << 63 | 0x1000, 0);
        assertEquals(before + 0x20, its.read(0x90, 8), "MAPD does not look at the ITT");
        command(0xa | 6L << 32, (long) LPI << 32, 2, 0);
        assertEquals(before + 0x21, its.read(0x90, 8));
        command(5, 0, 0, 0);
        assertEquals(before + 0x21, its.read(0x90, 8));
        command(8 | 6L << 32, 4, 1L << 63 | ITT, 0);
        store(QUEUE + before + 0x20, 8, 5);
        its.write(0x88, 8, tail | 1);
        assertEquals(tail, its.read(0x90, 8));
    }

    @Test
    void everything_in_use_is_listed_with_its_register_and_since_when_and_nothing_once_it_is_told_to_stop() {
        coherent();
        mapEverything();
        List<String> owned = new ArrayList<>();
        for (OwnedRange r : gic.deviceOwned()) {
            owned.add("%s, %s: 0x%x+0x%x since %d".formatted(r.what(), r.register(), r.address(), r.size(), r.since()));
        }
        for (OwnedRange r : its.deviceOwned()) {
            owned.add("%s, %s: 0x%x+0x%x since %d".formatted(r.what(), r.register(), r.address(), r.size(), r.since()));
        }
        assertEquals(String.join("\n",
                "LPI property table, GICR_PROPBASER of CPU 0: 0x40040000+0xe000 since 500",
                "LPI pending table, GICR_PENDBASER of CPU 0: 0x40050000+0x2000 since 500",
                "LPI property table, GICR_PROPBASER of CPU 1: 0x40040000+0xe000 since 500",
                "LPI pending table, GICR_PENDBASER of CPU 1: 0x40060000+0x2000 since 500",
                "ITS command queue, GITS_CBASER: 0x40030000+0x1000 since 700",
                "ITS device table, GITS_BASER0: 0x40010000+0x1000 since 700",
                "ITS collection table, GITS_BASER1: 0x40020000+0x1000 since 700",
                "ITS interrupt translation table, MAPD of device 0x5: 0x40070000+0x180 since 700"), String.join("\n", owned));
        its.write(0, 4, 0);
        redistributor(0, 0, 4, 0);
        redistributor(1, 0, 4, 0);
        assertEquals(List.of(), gic.deviceOwned());
        assertEquals(List.of(), its.deviceOwned());
    }
}
