package dev.baton.devices.fwcfg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.baton.core.machine.Bytes;
import dev.baton.core.mem.BusMaster;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;

/** docs/specs/fw_cfg.rst, as U-Boot and Linux use it. */
class FwCfgTest {
    private static final long RAM = 0x4000_0000L;
    private static final long CONTROL = RAM + 0x100;
    private static final long TARGET = RAM + 0x1000;

    private final PhysicalBus bus = new PhysicalBus();
    private final Ram ram = new Ram(RAM, 1 << 20, CachePolicy.STRICT);
    private final BusMaster driver = new BusMaster(bus, "driver");
    private final FwCfg device = new FwCfg(new FwCfgItems(3, 512 << 20), new BusMaster(bus, "fw_cfg"));

    FwCfgTest() {
        bus.add(ram);
    }

    @AfterEach
    void close() {
        ram.close();
    }

    private void select(int key) {
        device.write(8, 2, Short.reverseBytes((short) key) & 0xffff);
    }

    private String text(int key, int n) {
        select(key);
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < n; i++) {
            s.append((char) device.read(0, 1));
        }
        return s.toString();
    }

    private int dma(int control, int length, long address) {
        be32(CONTROL, control);
        be32(CONTROL + 4, length);
        be32(CONTROL + 8, (int) (address >>> 32));
        be32(CONTROL + 12, (int) address);
        device.write(0x10, 8, Long.reverseBytes(CONTROL));
        return Integer.reverseBytes((int) driver.load(CONTROL, 4, true));
    }

    private void be32(long pa, int value) {
        driver.store(pa, 4, Integer.toUnsignedLong(Integer.reverseBytes(value)), true);
    }

    @Test
    void signature_revision_and_CPUs_are_there_and_what_is_beyond_an_item_or_absent_reads_0() {
        assertEquals("QEMU\0\0", text(0, 6));
        select(1);
        assertEquals(3, device.read(0, 4));
        select(5);
        assertEquals(3, device.read(0, 2));
        assertEquals("\0\0", text(0x3abc, 2));
        assertEquals(0x4746_4320_554d_4551L, device.read(0x10, 8), "QEMU CFG, as the bus carries it");
    }

    @Test
    void eight_bytes_of_an_item_are_read_in_its_order() {
        device.items().file("opt/a", Bytes.of("12345678rest".getBytes(StandardCharsets.US_ASCII)));
        select(0x22);
        assertEquals("12345678", ascii(device.read(0, 8)));
        assertEquals('r', device.read(0, 1));
    }

    private static String ascii(long v) {
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            s.append((char) (v >>> 8 * i & 0xff));
        }
        return s.toString();
    }

    @Test
    void the_directory_lists_files_by_name_with_size_and_selector() {
        device.items().file("opt/a", Bytes.of((byte) 7, (byte) 8));
        String dir = text(0x19, 4 + 3 * 64);
        assertEquals(3, dir.charAt(3));
        assertEquals("bootorder", dir.substring(12, 68).replace("\0", ""));
        assertEquals("etc/boot-fail-wait", dir.substring(76, 132).replace("\0", ""));
        assertEquals("\0\0\0\2\0\42\0\0opt/a", dir.substring(132, 145));
    }

    @Test
    void DMA_reads_an_item_into_memory_in_pieces_and_through_the_caches() {
        device.items().kernel(Bytes.of("KERNEL".getBytes(StandardCharsets.US_ASCII)), Bytes.of(), "quiet");
        ram.load(driver, TARGET, 8, true);
        assertEquals(0, dma(0x11 << 16 | 8 | 2, 4, TARGET));
        assertEquals(0, dma(2, 6, TARGET + 4));
        byte[] b = new byte[10];
        driver.read(TARGET, b, 0, 10, true);
        assertEquals("KERNEL\0\0\0\0", new String(b, StandardCharsets.US_ASCII));
        assertEquals(0, dma(0x15 << 16 | 8 | 4, 2, 0));
        assertEquals(0, dma(2, 3, TARGET));
        assertEquals('i', driver.load(TARGET, 1, true));
    }

    @Test
    void a_transfer_to_where_no_memory_is_and_a_write_are_errors() {
        assertEquals(1, dma(0 << 16 | 8 | 2, 4, 0x0900_0000));
        assertEquals(1, dma(2, -1, TARGET));
        assertEquals(1, dma(16, 4, TARGET));
        device.write(0x10, 8, Long.reverseBytes(0x0900_0000L));
        device.write(0x10, 4, 0);
        device.write(0x14, 4, Integer.toUnsignedLong(Integer.reverseBytes((int) CONTROL + 1)));
    }

    @Test
    void a_name_longer_than_the_directory_holds_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> device.items().file("x".repeat(56), Bytes.of()));
    }
}
