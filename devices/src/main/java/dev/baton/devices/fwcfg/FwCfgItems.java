package dev.baton.devices.fwcfg;

import dev.baton.core.machine.Bytes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The items of fw_cfg by selector (docs/specs/fw_cfg.rst, include/standard-headers/linux/qemu_fw_cfg.h), and files with their
 * directory.
 */
public final class FwCfgItems {
    private static final int SIGNATURE = 0x00;
    private static final int ID = 0x01;
    private static final int UUID = 0x02;
    private static final int RAM_SIZE = 0x03;
    private static final int NOGRAPHIC = 0x04;
    private static final int NB_CPUS = 0x05;
    private static final int KERNEL_SIZE = 0x08;
    private static final int INITRD_SIZE = 0x0b;
    private static final int BOOT_MENU = 0x0e;
    private static final int MAX_CPUS = 0x0f;
    private static final int KERNEL_DATA = 0x11;
    private static final int INITRD_DATA = 0x12;
    private static final int CMDLINE_SIZE = 0x14;
    private static final int CMDLINE_DATA = 0x15;
    private static final int FILE_DIR = 0x19;
    private static final int FILE_FIRST = 0x20;

    /** The traditional interface and DMA. */
    private static final int REVISION = 3;
    private static final int DIRECTORY_ENTRY = 64;
    private static final int NAME = 56;

    private final Map<Integer, Bytes> items = new TreeMap<>();
    private final SortedMap<String, Bytes> files = new TreeMap<>();

    /** @param cpus at power-on and at most */
    public FwCfgItems(int cpus, long memory) {
        items.put(SIGNATURE, text("QEMU"));
        items.put(ID, le32(REVISION));
        items.put(UUID, Bytes.of(new byte[16]));
        items.put(RAM_SIZE, Bytes.wrap(ByteBuffer.allocate(8).putLong(Long.reverseBytes(memory)).array()));
        items.put(NOGRAPHIC, le16(0));
        items.put(NB_CPUS, le16(cpus));
        items.put(MAX_CPUS, le16(cpus));
        items.put(BOOT_MENU, le16(0));
        file("bootorder", Bytes.of());
        file("etc/boot-fail-wait", Bytes.of((byte) -1, (byte) -1, (byte) -1, (byte) -1));
    }

    /** A file of the directory. @param name at most 55 characters */
    public void file(String name, Bytes data) {
        if (name.length() >= NAME) {
            throw new IllegalArgumentException("fw_cfg: expected a name of at most %d characters, found '%s'".formatted(NAME - 1, name));
        }
        files.put(name, data);
        directory();
    }

    /** What QEMU offers of {@code -kernel}, {@code -initrd} and {@code -append} to firmware given by {@code -bios}. */
    public void kernel(Bytes kernel, Bytes initrd, String cmdline) {
        items.put(KERNEL_SIZE, le32(kernel.length()));
        items.put(KERNEL_DATA, kernel);
        items.put(INITRD_SIZE, le32(initrd.length()));
        items.put(INITRD_DATA, initrd);
        Bytes line = text(cmdline + "\0");
        items.put(CMDLINE_SIZE, le32(line.length()));
        items.put(CMDLINE_DATA, line);
    }

    private void directory() {
        ByteBuffer dir = ByteBuffer.allocate(4 + DIRECTORY_ENTRY * files.size()).putInt(files.size());
        int selector = FILE_FIRST;
        for (Map.Entry<String, Bytes> e : files.entrySet()) {
            items.put(selector, e.getValue());
            dir.putInt(e.getValue().length()).putShort((short) selector++).putShort((short) 0);
            byte[] name = e.getKey().getBytes(StandardCharsets.ISO_8859_1);
            dir.put(name).position(dir.position() + NAME - name.length);
        }
        items.put(FILE_DIR, Bytes.wrap(dir.array()));
    }

    /** Of no bytes if there is no such item. */
    Bytes item(int selector) {
        return items.getOrDefault(selector, Bytes.of());
    }

    private static Bytes text(String s) {
        return Bytes.wrap(s.getBytes(StandardCharsets.UTF_8));
    }

    private static Bytes le16(int v) {
        return Bytes.of((byte) v, (byte) (v >> 8));
    }

    private static Bytes le32(int v) {
        return Bytes.of((byte) v, (byte) (v >> 8), (byte) (v >> 16), (byte) (v >> 24));
    }
}
