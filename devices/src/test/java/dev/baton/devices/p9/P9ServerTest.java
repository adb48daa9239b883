package dev.baton.devices.p9;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class P9ServerTest {
    private static final int ROOM = 64 << 10;
    private static final int ENOENT = 2;
    private static final int EBADF = 9;
    private static final int ENOTDIR = 20;
    private static final int EINVAL = 22;
    private static final int EROFS = 30;
    private static final int ELOOP = 40;
    private static final int RERROR = 7;

    @TempDir
    private Path top;
    private Path shared;
    private P9Server server;

    @BeforeEach
    void aFolderWithSomethingInIt() throws IOException {
        shared = Files.createDirectory(top.resolve("shared"));
        Files.writeString(top.resolve("secret"), "nobody's business");
        Files.writeString(shared.resolve("b"), "hello");
        Files.createDirectory(shared.resolve("a"));
        Files.writeString(shared.resolve("a/inner"), "deep");
        Files.createSymbolicLink(shared.resolve("out"), top.resolve("secret"));
        start(false);
    }

    private void start(boolean readOnly) throws IOException {
        server = new P9Server(new SharedFolder(shared, readOnly));
        ok(100, new Words().u32(ROOM).text("9P2000.L"));
        ok(104, new Words().u32(1).u32(-1).text("root").text("").u32(0));
    }

    /** The fields of a message. */
    private static final class Words {
        private final ByteBuffer b = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

        Words u8(int v) {
            b.put((byte) v);
            return this;
        }

        Words u16(int v) {
            b.putShort((short) v);
            return this;
        }

        Words u32(int v) {
            b.putInt(v);
            return this;
        }

        Words u64(long v) {
            b.putLong(v);
            return this;
        }

        Words text(String s) {
            byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
            b.putShort((short) bytes.length).put(bytes);
            return this;
        }

        byte[] message(int type) {
            ByteBuffer m = ByteBuffer.allocate(7 + b.position()).order(ByteOrder.LITTLE_ENDIAN);
            return m.putInt(m.capacity()).put((byte) type).putShort((short) 0x1234).put(b.array(), 0, b.position()).array();
        }
    }

    private ByteBuffer reply(int type, Words w) {
        byte[] r = server.answer(w.message(type), ROOM);
        ByteBuffer b = ByteBuffer.wrap(r).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(r.length, b.getInt());
        assertEquals(0x1234, b.getShort(5));
        return b.position(7);
    }

    private ByteBuffer ok(int type, Words w) {
        ByteBuffer b = reply(type, w);
        assertEquals(type + 1, b.get(4) & 0xff, () -> "error " + b.getInt(7));
        return b;
    }

    private void fails(int number, int type, Words w) {
        ByteBuffer b = reply(type, w);
        assertEquals(RERROR, b.get(4));
        assertEquals(number, b.getInt());
    }

    private static String text(ByteBuffer b) {
        byte[] s = new byte[b.getShort()];
        b.get(s);
        return new String(s, StandardCharsets.UTF_8);
    }

    private static Words walk(int from, int to, String... names) {
        Words w = new Words().u32(from).u32(to).u16(names.length);
        for (String n : names) {
            w.text(n);
        }
        return w;
    }

    private void open(int fid, int flags, String... names) {
        ok(110, walk(1, fid, names));
        ok(12, new Words().u32(fid).u32(flags));
    }

    private String read(int fid, long offset, int count) {
        ByteBuffer b = ok(116, new Words().u32(fid).u64(offset).u32(count));
        byte[] data = new byte[b.getInt()];
        b.get(data);
        assertEquals(0, b.remaining());
        return new String(data, StandardCharsets.UTF_8);
    }

    @Test
    void a_file_is_found_opened_and_read() throws IOException {
        ByteBuffer walked = ok(110, walk(1, 2, "a", "inner"));
        assertEquals(2, walked.getShort());
        assertEquals((byte) 0x80, walked.get(), "qid of a folder");
        assertEquals((Long) Files.getAttribute(shared.resolve("a"), "unix:ino"), walked.getLong(14));
        fails(EBADF, 116, new Words().u32(2).u64(0).u32(10));
        ok(12, new Words().u32(2).u32(0));
        assertEquals("deep", read(2, 0, 100));
        assertEquals("ep", read(2, 2, 100));
        assertEquals("de", read(2, 0, 2));
        assertEquals("", read(2, 1000, 2));
        fails(EBADF, 118, new Words().u32(2).u64(0).u32(1).u8('x'));
        ok(120, new Words().u32(2));
        fails(EBADF, 120, new Words().u32(2));
    }

    @Test
    void a_walk_that_gets_halfway_says_so_and_keeps_nothing() {
        assertEquals(1, ok(110, walk(1, 2, "a", "none", "more")).getShort());
        fails(EBADF, 24, new Words().u32(2).u64(0x7ff));
        fails(ENOENT, 110, walk(1, 2, "none"));
        fails(EINVAL, 110, walk(1, 2, "a/inner"));
        fails(EINVAL, 110, walk(1, 2, ""));
        assertEquals(1, ok(110, walk(1, 2, "b", "more")).getShort(), "a file has nothing in it");
    }

    @Test
    void attributes_are_those_of_the_host_and_the_times_are_that_of_the_last_change() throws IOException {
        Files.setPosixFilePermissions(shared.resolve("b"), PosixFilePermissions.fromString("rw-r-----"));
        Files.setLastModifiedTime(shared.resolve("b"), java.nio.file.attribute.FileTime.fromMillis(1_700_000_000_123L));
        ok(110, walk(1, 2, "b"));
        ByteBuffer b = ok(24, new Words().u32(2).u64(0x7ff));
        assertEquals(0x7ff, b.getLong());
        assertEquals(0100640, b.getInt(7 + 21));
        assertEquals(5, b.getLong(7 + 21 + 12 + 16), "size");
        for (int i = 0; i < 3; i++) {
            assertEquals(1_700_000_000L, b.getLong(7 + 73 + 16 * i));
            assertEquals(123_000_000L, b.getLong(7 + 81 + 16 * i));
        }
        assertEquals(7 + 153, b.limit());
    }

    @Test
    void a_folder_is_read_in_the_order_of_names_from_any_offset() {
        open(2, 0);
        List<String> names = new ArrayList<>();
        long offset = 0;
        while (true) {
            ByteBuffer b = ok(40, new Words().u32(2).u64(offset).u32(60));
            int n = b.getInt();
            assertTrue(n <= 60);
            if (n == 0) {
                break;
            }
            while (b.hasRemaining()) {
                b.position(b.position() + 13);
                offset = b.getLong();
                b.get();
                names.add(text(b));
            }
        }
        assertEquals(List.of(".", "..", "a", "b", "out"), names);
    }

    @Test
    void no_link_and_no_name_leads_out_of_the_folder() throws IOException {
        assertEquals(top.resolve("secret").toString(), text(ok(22, linkFid())));
        fails(ELOOP, 12, new Words().u32(5).u32(0));
        assertEquals(1, ok(110, walk(1, 6, "..")).getShort());
        fails(ENOENT, 110, walk(6, 7, "secret"));
        ok(110, walk(1, 8, "a", "inner"));
        ok(110, walk(1, 9, "a"));
        open(10, 0, "a");
        Files.writeString(top.resolve("inner"), "outside");
        Files.delete(shared.resolve("a/inner"));
        Files.delete(shared.resolve("a"));
        Files.createSymbolicLink(shared.resolve("a"), top);
        fails(ENOTDIR, 40, new Words().u32(10).u64(0).u32(200));
        fails(ELOOP, 12, new Words().u32(8).u32(0));
        fails(ELOOP, 24, new Words().u32(8).u64(0x7ff));
        fails(ELOOP, 14, new Words().u32(9).text("new").u32(1).u32(0644).u32(0));
        fails(ELOOP, 76, new Words().u32(9).text("secret").u32(0));
        assertFalse(Files.exists(top.resolve("new")));
        assertTrue(Files.exists(top.resolve("secret")));
    }

    private Words linkFid() {
        ok(110, walk(1, 5, "out"));
        return new Words().u32(5);
    }

    @Test
    void files_are_made_written_truncated_renamed_and_removed() throws IOException {
        ok(110, walk(1, 2));
        ok(14, new Words().u32(2).text("new").u32(0x8002).u32(0640).u32(0));
        assertEquals(3, ok(118, new Words().u32(2).u64(2).u32(3).u8('x').u8('y').u8('z')).getInt());
        assertArrayEquals(new byte[] {0, 0, 'x', 'y', 'z'}, Files.readAllBytes(shared.resolve("new")));
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(shared.resolve("new"))));
        ok(26, new Words().u32(2).u32(1 | 8 | 0x20 | 0x100).u32(0600).u32(0).u32(0).u64(4).u64(0).u64(0).u64(1_600_000_000).u64(0));
        assertEquals(4, Files.size(shared.resolve("new")));
        assertEquals(1_600_000_000_000L, Files.getLastModifiedTime(shared.resolve("new")).toMillis());
        ok(72, new Words().u32(1).text("folder").u32(0755).u32(0));
        ok(110, walk(1, 3, "folder"));
        ok(74, new Words().u32(1).text("new").u32(3).text("moved"));
        assertTrue(Files.exists(shared.resolve("folder/moved")));
        assertEquals("\0\0xy", read(2, 0, 10), "the open file went with its name");
        ok(16, new Words().u32(1).text("link").text("folder/moved").u32(0));
        assertEquals("folder/moved", Files.readSymbolicLink(shared.resolve("link")).toString());
        ok(70, new Words().u32(1).u32(2).text("hard"));
        assertEquals(4, Files.size(shared.resolve("hard")));
        fails(39, 76, new Words().u32(1).text("folder").u32(0x200));
        fails(21, 76, new Words().u32(1).text("folder").u32(0));
        fails(20, 76, new Words().u32(1).text("hard").u32(0x200));
        ok(122, new Words().u32(2));
        ok(76, new Words().u32(1).text("folder").u32(0x200));
        assertFalse(Files.exists(shared.resolve("folder")));
    }

    @Test
    void a_folder_that_is_read_only_stays_as_it_is() throws IOException {
        start(true);
        ok(110, walk(1, 2, "b"));
        fails(EROFS, 12, new Words().u32(2).u32(1));
        fails(EROFS, 14, new Words().u32(1).text("new").u32(1).u32(0644).u32(0));
        fails(EROFS, 72, new Words().u32(1).text("folder").u32(0755).u32(0));
        fails(EROFS, 76, new Words().u32(1).text("b").u32(0));
        fails(EROFS, 122, new Words().u32(2));
        ok(110, walk(1, 2, "b"));
        fails(EROFS, 26, new Words().u32(2).u32(1).u32(0600).u32(0).u32(0).u64(0).u64(0).u64(0).u64(0).u64(0));
        fails(EROFS, 16, new Words().u32(1).text("link").text("b").u32(0));
        fails(EROFS, 74, new Words().u32(1).text("b").u32(1).text("c"));
        assertEquals("hello", Files.readString(shared.resolve("b")));
    }

    @Test
    void files_in_which_the_hosts_kernel_answers_are_not_opened() throws IOException {
        shared = Path.of("/proc");
        assumeTrue(Files.exists(shared.resolve("kmsg")), "no /proc here");
        start(true);
        ok(110, walk(1, 2, "kmsg"));
        fails(13, 12, new Words().u32(2).u32(0));
        ok(110, walk(1, 2, "version"));
        fails(13, 12, new Words().u32(2).u32(0));
    }

    @Test
    void a_snapshot_holds_what_is_open() throws IOException {
        open(2, 0, "b");
        StateWriter saved = new StateWriter();
        server.save(saved);
        server = new P9Server(new SharedFolder(shared, false));
        server.load(new StateReader(saved.toByteArray()));
        assertEquals("hello", read(2, 0, 10));
        StateWriter outside = new StateWriter();
        outside.u32(4096).u32(1).u32(2).u32(0).text("../secret");
        assertThrows(IllegalArgumentException.class, () -> server.load(new StateReader(outside.toByteArray())));
    }

    @Test
    void a_client_has_so_many_numbers_and_no_more() {
        for (int i = 2; i < 1 << 14; i++) {
            ok(110, walk(1, i + 5));
        }
        ok(110, walk(1, 2));
        fails(23, 110, walk(1, 3));
        ok(100, new Words().u32(1 << 30).text("9P2000.L"));
        assertEquals(P9Server.MOST_BYTES, server.most());
        fails(EBADF, 120, new Words().u32(2));
        assertEquals("unknown", text(ok(100, new Words().u32(8192).text("9P2000")).position(11)));
    }

    /** What could fail is an exception, a reply that is longer than its room, or a file outside that changed. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void no_request_breaks_it(long seed) throws IOException {
        Random random = new Random(seed);
        String[] names = {"a", "b", "inner", "out", "..", ".", "", "x", "a/b", "\0", "../secret"};
        int[] types = {8, 12, 14, 16, 18, 20, 22, 24, 26, 30, 32, 40, 50, 52, 54, 70, 72, 74, 76, 104, 108, 110, 116, 118, 120, 122};
        for (int i = 0; i < 20_000; i++) {
            Words w = new Words();
            for (int n = random.nextInt(8); n > 0; n--) {
                switch (random.nextInt(5)) {
                    case 0 -> w.u16(random.nextInt(5));
                    case 1 -> w.u32(random.nextInt(8));
                    case 2 -> w.u64(random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(64));
                    case 3 -> w.u8(random.nextInt());
                    default -> w.text(names[random.nextInt(names.length)]);
                }
            }
            byte[] m = w.message(random.nextInt(50) == 0 ? random.nextInt(256) : types[random.nextInt(types.length)]);
            if (random.nextInt(20) == 0) {
                m[random.nextInt(4)] = (byte) random.nextInt();
            }
            int room = random.nextInt(200);
            byte[] r = server.answer(random.nextInt(20) == 0 ? java.util.Arrays.copyOf(m, random.nextInt(m.length + 1)) : m, room);
            assertTrue(r.length <= room);
        }
        assertEquals("nobody's business", Files.readString(top.resolve("secret")));
        try (var outside = Files.list(top)) {
            assertEquals(2, outside.count());
        }
    }
}
