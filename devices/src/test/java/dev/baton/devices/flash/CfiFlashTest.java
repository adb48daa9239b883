package dev.baton.devices.flash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.BusMaster;
import dev.baton.core.mem.PhysicalBus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.Random;

/** Commands of the Intel set as a driver of two x16 chips on a 32-bit bus gives them. */
class CfiFlashTest {
    private final PhysicalBus bus = new PhysicalBus();
    private final CfiFlash flash = new CfiFlash(0);
    private final BusMaster cpu = new BusMaster(bus, "test");

    CfiFlashTest() {
        bus.add(flash.memory());
    }

    @AfterEach
    void close() {
        flash.memory().close();
    }

    private long read(long offset) {
        return cpu.load(offset, 4, false);
    }

    private void write(long offset, long value) {
        cpu.store(offset, 4, value, false);
    }

    private void command(long offset, int command) {
        write(offset, command | (long) command << 16);
    }

    @Test
    void it_reads_as_memory_until_a_command_comes_and_again_after_read_array() {
        flash.load(new byte[] {1, 2, 3, 4});
        assertEquals(0x0403_0201, read(0));
        assertEquals(0x0403_0201, flash.memory().fetch(cpu, 0, 4, true));
        command(0, 0x70);
        assertEquals(0x0080_0080, read(0));
        command(0, 0xff);
        assertEquals(0x0403_0201, read(0));
    }

    @Test
    void the_query_names_the_intel_set_and_256_blocks_of_128_KiB_a_chip() {
        command(0x55 * 4, 0x98);
        assertEquals('Q' | 'Q' << 16, read(0x10 * 4));
        assertEquals('R' | 'R' << 16, read(0x11 * 4));
        assertEquals('Y' | 'Y' << 16, read(0x12 * 4));
        assertEquals(0x0001_0001, read(0x13 * 4));
        long blocks = read(0x2d * 4) & 0xff | (read(0x2e * 4) & 0xff) << 8;
        long size = (read(0x2f * 4) & 0xff | (read(0x30 * 4) & 0xff) << 8) * 256;
        assertEquals(CfiFlash.SIZE, (blocks + 1) * size * 2);
        command(0, 0x90);
        assertEquals(0x0089_0089, read(0));
        assertEquals(0x0018_0018, read(4));
    }

    @Test
    void erasing_sets_a_block_to_ones_and_programming_clears_bits_only() {
        command(0x4_0000, 0x20);
        command(0x4_0000, 0xd0);
        assertEquals(0x0080_0080, read(0), "status");
        command(0, 0xff);
        assertEquals(0xffff_ffffL, read(0x4_0000));
        assertEquals(0xffff_ffffL, read(0x7_fffc));
        assertEquals(0, read(0x8_0000));
        command(0x4_0000, 0x40);
        write(0x4_0000, 0x1234_ff0f);
        command(0x4_0000, 0x40);
        write(0x4_0000, 0xffff_fff0L);
        command(0, 0xff);
        assertEquals(0x1234_ff00, read(0x4_0000));
    }

    @Test
    void a_buffer_is_written_when_it_is_confirmed_and_a_broken_sequence_is_an_error_that_can_be_cleared() {
        command(0x4_0000, 0x20);
        command(0x4_0000, 0xd0);
        command(0x4_0000, 0xe8);
        command(0x4_0000, 1);
        write(0x4_0010, 0x1111_1111);
        write(0x4_0014, 0x2222_2222);
        command(0x4_0000, 0xd0);
        command(0, 0xff);
        assertEquals(0x1111_1111, read(0x4_0010));
        assertEquals(0x2222_2222, read(0x4_0014));
        command(0x4_0000, 0x20);
        command(0x4_0000, 0x00);
        assertEquals(0x00b0_00b0, read(0));
        command(0, 0x50);
        command(0, 0x70);
        assertEquals(0x0080_0080, read(0));
        command(0, 0xe8);
        command(0, 0xffff);
        assertEquals(0x00b0_00b0, read(0), "more words than the buffer has");
    }

    @Test
    void its_mode_is_saved_and_a_reset_keeps_the_contents() {
        flash.load(new byte[] {9});
        command(0, 0x90);
        StateWriter out = new StateWriter();
        flash.save(out);
        CfiFlash other = new CfiFlash(0);
        other.load(new StateReader(out.toByteArray()));
        assertEquals(0x0089_0089, other.read(0, 4));
        other.memory().close();
        flash.reset();
        assertEquals(9, read(0));
    }

    @Test
    void no_sequence_of_accesses_throws() {
        Random random = new Random(3);
        int[] commands = {0x10, 0x20, 0x28, 0x40, 0x50, 0x60, 0x70, 0x90, 0x98, 0xd0, 0xe8, 0xff, 0, 1, 3};
        for (int i = 0; i < 20_000; i++) {
            int size = 1 << random.nextInt(4);
            long offset = (random.nextInt(8) == 0 ? random.nextLong(CfiFlash.SIZE - 8) : random.nextInt(4096)) & -size;
            if (random.nextInt(3) == 0) {
                cpu.load(offset, size, false);
            } else {
                cpu.store(offset, size, random.nextBoolean() ? commands[random.nextInt(commands.length)] : random.nextLong(), false);
            }
        }
    }

    @Test
    void an_image_that_does_not_fit_is_refused() {
        var e = assertThrows(IllegalArgumentException.class, () -> flash.load(new byte[(int) CfiFlash.SIZE + 1]));
        assertEquals("flash: expected an image of at most 0x4000000 bytes, found 0x4000001", e.getMessage());
    }
}
