package dev.baton.devices.virtio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.BusMaster;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;
import dev.baton.devices.p9.SharedFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/** Devices behind virtio-mmio as a driver finds them: virtio 1.1 sections 2.6, 4.2, 5.2 to 5.4. */
class VirtioTest {
    private static final long RAM = 0x4000_0000L;
    private static final long RINGS = RAM + 0x1_0000;
    private static final long DATA = RAM + 0x10_0000;
    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int INDIRECT = 4;
    private static final long EVENT_IDX = 1L << 29;
    private static final long VERSION_1 = 1L << 32;

    private final PhysicalBus bus = new PhysicalBus();
    private final Ram ram = new Ram(RAM, 4 << 20, CachePolicy.STRICT);
    private final BusMaster memory = new BusMaster(bus, "driver");
    private boolean irq;

    VirtioTest() {
        bus.add(ram);
    }

    @AfterEach
    void close() {
        ram.close();
    }

    private VirtioMmio slot(boolean legacy, VirtioDevice device) {
        return new VirtioMmio(on -> irq = on, legacy, device);
    }

    private BusMaster master() {
        return new BusMaster(bus, "device");
    }

    @Test
    void an_empty_slot_answers_magic_version_no_device_and_the_vendor() {
        VirtioMmio s = slot(true, null);
        assertEquals(0x7472_6976, s.read(0, 4));
        assertEquals(1, s.read(4, 4));
        assertEquals(0, s.read(8, 4));
        assertEquals(0x554d_4551, s.read(0xc, 4));
        assertEquals(2, slot(false, null).read(4, 4));
    }

    @Test
    void the_legacy_interface_has_32_feature_bits_and_no_version_1() {
        for (boolean legacy : new boolean[] {true, false}) {
            VirtioMmio s = slot(legacy, new VirtioRng(master(), 1));
            s.write(0x14, 4, 1);
            assertEquals(legacy ? 0 : 1, s.read(0x10, 4));
            s.write(0x14, 4, 0);
            assertEquals(3 << 28, s.read(0x10, 4));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_entropy_device_fills_what_it_is_given_and_interrupts(boolean legacy) {
        VirtioMmio s = slot(legacy, new VirtioRng(master(), 7));
        RingDriver.negotiate(s, legacy ? 0 : VERSION_1);
        RingDriver r = new RingDriver(s, memory, 0, RINGS);
        r.descriptor(0, DATA, 24, WRITE | NEXT, 1);
        r.descriptor(1, DATA + 0x100, 9, WRITE, 0);
        r.offer(0);
        r.notifyDevice();
        assertEquals(1, r.usedIndex());
        assertEquals(33, r.usedLength(0));
        assertNotEquals(0, r.load(DATA, 8));
        assertNotEquals(0, r.load(DATA + 0x100, 8));
        assertEquals(0, r.load(DATA + 0x109, 1), "one byte more than there was room for");
        assertTrue(irq);
        assertEquals(1, s.read(0x60, 4));
        s.write(0x64, 4, 1);
        assertFalse(irq);
    }

    @Test
    void the_same_seed_gives_the_same_entropy_and_another_seed_another() {
        long[] first = new long[3];
        for (int i = 0; i < 3; i++) {
            VirtioMmio s = slot(false, new VirtioRng(master(), i == 2 ? 6 : 5));
            RingDriver.negotiate(s, VERSION_1);
            RingDriver r = new RingDriver(s, memory, 0, RINGS + 0x4000 * i);
            r.descriptor(0, DATA, 8, WRITE, 0);
            r.offer(0);
            r.notifyDevice();
            first[i] = r.load(DATA, 8);
        }
        assertEquals(first[0], first[1]);
        assertNotEquals(first[0], first[2]);
    }

    @Test
    void what_a_device_writes_is_seen_through_the_caches_and_marks_no_line_of_a_page_that_has_none() {
        VirtioMmio s = slot(false, new VirtioRng(master(), 7));
        RingDriver.negotiate(s, VERSION_1);
        RingDriver r = new RingDriver(s, memory, 0, RINGS);
        ram.load(memory, DATA, 8, true);
        r.descriptor(0, DATA, 8, WRITE | NEXT, 1);
        r.descriptor(1, DATA + 0x1000, 8, WRITE, 0);
        r.offer(0);
        r.notifyDevice();
        byte[] cached = new byte[8];
        byte[] poc = new byte[8];
        ram.peek(DATA, cached, 0, 8, View.CACHED);
        ram.peek(DATA, poc, 0, 8, View.POC);
        assertFalse(Arrays.equals(cached, poc), "the line is in a cache, and is dirty there");
        assertFalse(ram.mayBePresent(DATA + 0x1000));
        assertNotEquals(0, ram.load(memory, DATA + 0x1000, 8, false));
    }

    @Test
    void with_event_indices_the_interrupt_comes_when_the_driver_asked_for_it() {
        VirtioMmio s = slot(false, new VirtioRng(master(), 7));
        RingDriver.negotiate(s, VERSION_1 | EVENT_IDX);
        RingDriver r = new RingDriver(s, memory, 0, RINGS);
        r.descriptor(0, DATA, 8, WRITE, 0);
        r.store(r.available + 4 + 2 * RingDriver.SIZE, 2, 1);
        r.offer(0);
        r.notifyDevice();
        assertFalse(irq, "used index 1 is not past event 1");
        r.offer(0);
        r.notifyDevice();
        assertTrue(irq);
        assertEquals(2, r.load(r.used + 4 + 8 * RingDriver.SIZE, 2), "avail_event: knock at the next request");
    }

    @Test
    void without_event_indices_a_flag_of_the_driver_keeps_the_interrupt_away() {
        VirtioMmio s = slot(false, new VirtioRng(master(), 7));
        RingDriver.negotiate(s, VERSION_1);
        RingDriver r = new RingDriver(s, memory, 0, RINGS);
        r.descriptor(0, DATA, 8, WRITE, 0);
        r.store(r.available, 2, 1);
        r.offer(0);
        r.notifyDevice();
        assertEquals(1, r.usedIndex());
        assertFalse(irq);
    }

    private RingDriver disk(VirtioMmio s, boolean indirect, int type, long sector, int bytes) {
        RingDriver.negotiate(s, VERSION_1);
        RingDriver r = new RingDriver(s, memory, 0, RINGS);
        request(r, indirect, type, sector, bytes);
        return r;
    }

    private static void request(RingDriver r, boolean indirect, int type, long sector, int bytes) {
        r.store(DATA, 4, type);
        r.store(DATA + 8, 8, sector);
        r.store(DATA + 0x800, 1, 0xff);
        long table = indirect ? DATA + 0x900 : r.descriptors;
        int data = type == 1 ? NEXT : NEXT | WRITE;
        long[][] chain = {{DATA, 16, NEXT, 1}, {DATA + 0x1000, bytes, data, 2}, {DATA + 0x800, 1, WRITE, 0}};
        for (int i = 0; i < 3; i++) {
            long at = table + 16L * i;
            r.store(at, 8, chain[i][0]);
            r.store(at + 8, 4, chain[i][1]);
            r.store(at + 12, 2, chain[i][2]);
            r.store(at + 14, 2, chain[i][3]);
        }
        if (indirect) {
            r.descriptor(0, table, 48, INDIRECT, 0);
        }
        r.offer(0);
        r.notifyDevice();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_disk_reads_its_file_writes_beside_it_and_leaves_it_alone(boolean indirect, @TempDir Path dir) throws Exception {
        byte[] bytes = new byte[1 << 20];
        new Random(1).nextBytes(bytes);
        Path file = Files.write(dir.resolve("disk"), bytes);
        CopyOnWrite image = new CopyOnWrite(new RawFile(file, true));
        VirtioMmio s = slot(false, new VirtioBlock(master(), image, "serial"));
        assertEquals(2048, s.read(0x100, 8));
        RingDriver r = disk(s, indirect, 0, 3, 1024);
        assertEquals(1025, r.usedLength(0));
        assertEquals(0, r.load(DATA + 0x800, 1));
        byte[] read = new byte[1024];
        memory.read(DATA + 0x1000, read, 0, 1024, true);
        assertArrayEquals(Arrays.copyOfRange(bytes, 1536, 2560), read);

        r.store(DATA + 0x1000, 8, 0x1122_3344_5566_7788L);
        request(r, indirect, 1, 3, 512);
        assertEquals(0, r.load(DATA + 0x800, 1));
        r.store(DATA + 0x1000, 8, 0);
        request(r, indirect, 0, 3, 512);
        assertEquals(0x1122_3344_5566_7788L, r.load(DATA + 0x1000, 8));
        assertArrayEquals(bytes, Files.readAllBytes(file));
    }

    @Test
    void a_disk_asked_to_be_writable_is_written(@TempDir Path dir) throws Exception {
        Path file = Files.write(dir.resolve("disk"), new byte[4096]);
        memory.store(DATA + 0x1000, 8, 0x55aa, true);
        RingDriver r = disk(slot(false, new VirtioBlock(master(), new RawFile(file, false), "")), false, 1, 7, 512);
        assertEquals(0, r.load(DATA + 0x800, 1));
        assertEquals((byte) 0xaa, Files.readAllBytes(file)[7 * 512]);
    }

    @Test
    void requests_beyond_the_disk_to_a_read_only_one_and_of_unknown_type_fail_with_their_status(@TempDir Path dir) throws Exception {
        Path file = Files.write(dir.resolve("disk"), new byte[4096]);
        VirtioMmio s = slot(false, new VirtioBlock(master(), new RawFile(file, true), ""));
        RingDriver r = disk(s, false, 0, 8, 512);
        assertEquals(1, r.load(DATA + 0x800, 1));
        for (long[] q : new long[][] {{0, -1, 512, 1}, {0, Long.MAX_VALUE, 512, 1}, {0, 0, 511, 1}, {1, 0, 512, 1}, {99, 0, 512, 2},
                {4, 0, 512, 0}}) {
            request(r, false, (int) q[0], q[1], (int) q[2]);
            assertEquals(q[3], r.load(DATA + 0x800, 1), Arrays.toString(q));
        }
        assertEquals(1, s.read(0x10, 4) >> 5 & 1, "VIRTIO_BLK_F_RO is offered");
    }

    @Test
    void a_disk_file_that_was_cut_short_is_an_I_O_error(@TempDir Path dir) throws Exception {
        Path file = Files.write(dir.resolve("disk"), new byte[8192]);
        VirtioMmio s = slot(false, new VirtioBlock(master(), new RawFile(file, true), ""));
        Files.write(file, new byte[512]);
        assertEquals(1, disk(s, false, 0, 8, 512).load(DATA + 0x800, 1));
    }

    /** What can be wrong with a ring, each of which must stop the queue and nothing else. */
    @ParameterizedTest
    @ValueSource(strings = {"loop", "next out of range", "head out of range", "ran ahead", "outside RAM", "wraps", "huge",
            "read after write", "indirect in indirect", "indirect of odd length", "indirect outside RAM", "misaligned"})
    void a_ring_that_is_nonsense_breaks_its_queue_and_the_device_asks_for_a_reset(String fault) {
        VirtioMmio s = slot(false, new VirtioRng(master(), 7));
        RingDriver.negotiate(s, VERSION_1);
        RingDriver r = new RingDriver(s, memory, 0, RINGS);
        r.descriptor(0, DATA, 8, WRITE, 0);
        int head = 0;
        switch (fault) {
            case "loop" -> r.descriptor(0, DATA, 8, WRITE | NEXT, 0);
            case "next out of range" -> r.descriptor(0, DATA, 8, WRITE | NEXT, 8);
            case "head out of range" -> head = 8;
            case "ran ahead" -> {
                for (int i = 0; i < 9; i++) {
                    r.offer(0);
                }
            }
            case "outside RAM" -> r.descriptor(0, 0x0900_0000, 8, WRITE, 0);
            case "wraps" -> r.descriptor(0, -8, 0x7fff_fff0, WRITE, 0);
            case "huge" -> r.descriptor(0, DATA, -1, WRITE, 0);
            case "read after write" -> {
                r.descriptor(0, DATA, 8, WRITE | NEXT, 1);
                r.descriptor(1, DATA, 8, 0, 0);
            }
            case "indirect in indirect" -> {
                r.descriptor(0, DATA, 16, INDIRECT, 0);
                r.store(DATA + 8, 8, 16 | (long) INDIRECT << 32);
            }
            case "indirect of odd length" -> r.descriptor(0, DATA, 17, INDIRECT, 0);
            case "indirect outside RAM" -> r.descriptor(0, 0x0900_0000, 16, INDIRECT, 0);
            default -> s.write(0x80, 4, RINGS + 4);
        }
        r.offer(head);
        r.notifyDevice();
        assertEquals(0, r.usedIndex());
        assertEquals(0x40, s.read(0x70, 4) & 0x40, "DEVICE_NEEDS_RESET");
        assertEquals(2, s.read(0x60, 4) & 2, "a configuration change");
        assertTrue(irq);
        RingDriver.negotiate(s, VERSION_1);
        RingDriver again = new RingDriver(s, memory, 0, RINGS + 0x4000);
        again.descriptor(0, DATA, 8, WRITE, 0);
        again.offer(0);
        again.notifyDevice();
        assertEquals(1, again.usedIndex(), "it works after the reset");
    }

    private VirtioConsole console(ByteArrayOutputStream out, int ports) {
        return new VirtioConsole(master(), IntStream.range(0, ports)
                .mapToObj(n -> new VirtioConsole.Port(n, true, "port", out::write)).toList());
    }

    @Test
    void a_console_without_ports_negotiated_sends_and_receives_on_its_first_two_queues() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        VirtioConsole device = console(out, 1);
        VirtioMmio s = slot(true, device);
        RingDriver.negotiate(s, 0);
        RingDriver receive = new RingDriver(s, memory, 0, RINGS);
        RingDriver transmit = new RingDriver(s, memory, 1, RINGS + 0x4000);
        memory.write(DATA, "12q".getBytes(), 0, 3, true);
        transmit.descriptor(0, DATA, 3, 0, 0);
        transmit.offer(0);
        transmit.notifyDevice();
        assertEquals("12q", out.toString());

        receive.descriptor(0, DATA + 0x100, 2, WRITE, 0);
        receive.descriptor(1, DATA + 0x200, 2, WRITE, 0);
        receive.offer(0);
        receive.notifyDevice();
        assertEquals(0, receive.usedIndex(), "nothing was typed");
        device.input(0, "abc".getBytes());
        assertEquals(1, receive.usedIndex());
        assertEquals('a' | 'b' << 8, receive.load(DATA + 0x100, 2));
        receive.offer(1);
        receive.notifyDevice();
        assertEquals(1, receive.usedLength(1));
        assertEquals('c', receive.load(DATA + 0x200, 1));
    }

    @Test
    void a_console_with_ports_introduces_them_when_the_driver_is_ready() {
        VirtioConsole device = console(new ByteArrayOutputStream(), 2);
        VirtioMmio s = slot(false, device);
        RingDriver.negotiate(s, VERSION_1 | 2);
        RingDriver receive = new RingDriver(s, memory, 2, RINGS);
        RingDriver transmit = new RingDriver(s, memory, 3, RINGS + 0x4000);
        for (int i = 0; i < RingDriver.SIZE; i++) {
            receive.descriptor(i, DATA + 0x1000 + 0x40 * i, 0x40, WRITE, 0);
            receive.offer(i);
        }
        transmit.descriptor(0, DATA, 8, 0, 0);
        control(transmit, 0, 0);
        assertEquals(2, receive.usedIndex());
        assertEquals(1L << 32 | 1L << 48, receive.load(DATA + 0x1000, 8), "PORT_ADD of port 0");
        assertEquals(1 | 1L << 32 | 1L << 48, receive.load(DATA + 0x1040, 8), "PORT_ADD of port 1");
        control(transmit, 1, 3);
        assertEquals(5, receive.usedIndex());
        assertEquals(1 | 4L << 32 | 1L << 48, receive.load(DATA + 0x1080, 8), "CONSOLE_PORT");
        assertEquals(13, receive.usedLength(3), "PORT_NAME with its NUL");
        assertEquals(1 | 6L << 32 | 1L << 48, receive.load(DATA + 0x1100, 8), "PORT_OPEN");
        for (int i = 0; i < 1000; i++) {
            control(transmit, 0, 0);
        }
        StateWriter out = new StateWriter();
        s.save(out);
        assertTrue(out.toByteArray().length < 20_000, "messages that nobody takes are not kept without bound");
    }

    private static void control(RingDriver transmit, int id, int event) {
        transmit.store(DATA, 8, id | (long) event << 32 | 1L << 48);
        transmit.offer(0);
        transmit.notifyDevice();
    }

    private static final byte[] MAC = {0x52, 0x54, 0, 0x12, 0x34, 0x56};

    /** Gives back what it gets, with another first byte. */
    private static byte[] echo(byte... frame) {
        byte[] answer = frame.clone();
        answer[0] = 'z';
        return answer;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_network_card_sends_a_frame_behind_a_header_and_receives_the_answer_behind_another(boolean legacy) {
        int header = legacy ? 10 : 12;
        VirtioMmio s = slot(legacy, new VirtioNet(master(), MAC, VirtioTest::echo));
        assertEquals(0x5452 | 0x1200L << 16, s.read(0x100, 4));
        assertEquals(0x5634 | 1L << 16, s.read(0x104, 4), "the link is up");
        RingDriver.negotiate(s, legacy ? 0 : VERSION_1);
        RingDriver receive = new RingDriver(s, memory, 0, RINGS);
        RingDriver transmit = new RingDriver(s, memory, 1, RINGS + 0x4000);
        receive.descriptor(0, DATA + 0x100, header + 14, WRITE, 0);
        receive.descriptor(1, DATA + 0x200, header + 13, WRITE, 0);
        memory.write(DATA, new byte[header], 0, header, true);
        memory.write(DATA + header, "abcdefghijklmn".getBytes(), 0, 14, true);
        transmit.descriptor(0, DATA, header + 14, 0, 0);
        transmit.offer(0);
        transmit.notifyDevice();
        assertEquals(0, receive.usedIndex(), "there is no buffer yet");
        receive.offer(0);
        receive.notifyDevice();
        assertEquals(1, receive.usedIndex());
        assertEquals(header + 14, receive.usedLength(0));
        byte[] got = new byte[header + 14];
        memory.read(DATA + 0x100, got, 0, got.length, true);
        assertEquals("zbcdefghijklmn", new String(got, header, 14));
        assertEquals(legacy ? 0 : 1, legacy ? 0 : got[10], "num_buffers");
        receive.offer(1);
        transmit.offer(0);
        transmit.notifyDevice();
        assertEquals(2, receive.usedIndex());
        assertEquals(0, receive.usedLength(1), "too short a buffer for a frame");
    }

    @Test
    void a_shared_folder_has_a_tag_and_answers_requests(@TempDir Path dir) throws Exception {
        VirtioMmio s = slot(false, new VirtioP9(master(), "tag", new SharedFolder(dir, true)));
        assertEquals(3 | (long) 't' << 16 | (long) 'a' << 24, s.read(0x100, 4));
        assertEquals('g', s.read(0x104, 1));
        RingDriver.negotiate(s, VERSION_1 | 1);
        RingDriver r = new RingDriver(s, memory, 0, RINGS);
        byte[] version = "\25\0\0\0\144\377\377\0\0\1\0\10\0009P2000.L".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        memory.write(DATA, version, 0, version.length, true);
        r.descriptor(0, DATA, version.length, 1, 1);
        r.descriptor(1, DATA + 0x100, 64, WRITE, 0);
        r.offer(0);
        r.notifyDevice();
        assertEquals(version.length, r.usedLength(0));
        byte[] answer = new byte[version.length];
        memory.read(DATA + 0x100, answer, 0, answer.length, true);
        version[4] = 101;
        assertArrayEquals(version, answer);
        r.descriptor(1, DATA + 0x100, 8, WRITE, 0);
        r.offer(0);
        r.notifyDevice();
        assertEquals(0, r.usedLength(1), "no reply fits");
        assertThrows(IllegalArgumentException.class, () -> new VirtioP9(master(), "", new SharedFolder(dir, true)));
    }

    @Test
    void frames_that_wait_for_a_buffer_are_bounded_and_in_a_snapshot() {
        VirtioMmio s = slot(false, new VirtioNet(master(), MAC, VirtioTest::echo));
        RingDriver.negotiate(s, VERSION_1);
        RingDriver transmit = new RingDriver(s, memory, 1, RINGS + 0x4000);
        memory.write(DATA, new byte[2048], 0, 2048, true);
        for (int length : new int[] {12, 12 + 1515, 3}) {
            transmit.descriptor(0, DATA, length, 0, 0);
            transmit.offer(0);
            transmit.notifyDevice();
        }
        StateWriter none = new StateWriter();
        s.save(none);
        transmit.descriptor(0, DATA, 12 + 1514, 0, 0);
        for (int i = 0; i < 1000; i++) {
            transmit.offer(0);
            transmit.notifyDevice();
        }
        StateWriter saved = new StateWriter();
        s.save(saved);
        int grown = saved.toByteArray().length - none.toByteArray().length;
        assertTrue(grown >= 256 * 1514 && grown < 257 * 1540, () -> "waiting: " + grown);

        VirtioMmio restored = slot(false, new VirtioNet(master(), MAC, VirtioTest::echo));
        restored.load(new StateReader(saved.toByteArray()));
        RingDriver receive = new RingDriver(restored, memory, 0, RINGS);
        receive.descriptor(0, DATA + 0x1000, 2048, WRITE, 0);
        receive.offer(0);
        receive.notifyDevice();
        assertEquals(12 + 1514, receive.usedLength(0));
        assertEquals('z', receive.load(DATA + 0x1000 + 12, 1));
    }

    @Test
    void a_snapshot_between_offer_and_answer_goes_on_in_another_machine() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        VirtioMmio s = slot(true, console(out, 1));
        RingDriver.negotiate(s, 0);
        RingDriver receive = new RingDriver(s, memory, 0, RINGS);
        receive.descriptor(0, DATA, 4, WRITE, 0);
        receive.offer(0);
        receive.notifyDevice();
        StateWriter saved = new StateWriter();
        s.save(saved);

        VirtioConsole other = console(out, 1);
        VirtioMmio restored = slot(true, other);
        restored.load(new StateReader(saved.toByteArray()));
        other.input(0, (byte) 'x');
        assertEquals(1, receive.usedIndex());
        assertEquals('x', receive.load(DATA, 1));
        assertEquals(1, restored.read(0x60, 4));
    }

    @Test
    void what_was_written_to_a_disk_over_a_read_only_one_is_in_the_snapshot() throws Exception {
        CopyOnWrite disk = new CopyOnWrite(new ZeroDisk(8192));
        disk.write(4090, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, 8);
        StateWriter out = new StateWriter();
        disk.save(out);
        CopyOnWrite other = new CopyOnWrite(new ZeroDisk(8192));
        other.load(new StateReader(out.toByteArray()));
        byte[] read = new byte[10];
        other.read(4089, read, 0, 10);
        assertArrayEquals(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 0}, read);
    }

    @Test
    void more_ports_than_the_device_has_queues_for_are_refused() {
        var e = assertThrows(IllegalArgumentException.class, () -> console(new ByteArrayOutputStream(), 32));
        assertEquals("virtio-serial: expected a free port number below 31, found 31", e.getMessage());
    }
}
