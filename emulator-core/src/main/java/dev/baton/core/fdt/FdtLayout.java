package dev.baton.core.fdt;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The bytes of a flattened device tree (Devicetree Specification v0.4, chapter 5). Every field is big-endian.
 *
 * <pre>
 * 0x00 magic             0xd00dfeed
 * 0x04 totalsize         bytes, with any free space after the last block
 * 0x08 off_dt_struct     multiple of 4
 * 0x0c off_dt_strings
 * 0x10 off_mem_rsvmap    multiple of 8
 * 0x14 version           17
 * 0x18 last_comp_version 16
 * 0x1c boot_cpuid_phys   since version 2
 * 0x20 size_dt_strings   since version 3
 * 0x24 size_dt_struct    since version 17
 * </pre>
 */
final class FdtLayout {
    static final int MAGIC = 0xd00dfeed;

    static final int OFF_MAGIC = 0x00;
    static final int OFF_TOTALSIZE = 0x04;
    static final int OFF_OFF_DT_STRUCT = 0x08;
    static final int OFF_OFF_DT_STRINGS = 0x0c;
    static final int OFF_OFF_MEM_RSVMAP = 0x10;
    static final int OFF_VERSION = 0x14;
    static final int OFF_LAST_COMP_VERSION = 0x18;
    static final int OFF_BOOT_CPUID_PHYS = 0x1c;
    static final int OFF_SIZE_DT_STRINGS = 0x20;
    static final int OFF_SIZE_DT_STRUCT = 0x24;

    static final int V1_SIZE = 0x1c;
    static final int HEADER_SIZE = 0x28;
    static final int RESERVATION_SIZE = 16;

    static final int FIRST_SUPPORTED_VERSION = 2;
    static final int LAST_SUPPORTED_VERSION = 17;
    static final int LAST_COMPATIBLE_VERSION = 16;

    /** Tags of the structure block, section 5.4.1; NOP and END included. */
    static final int BEGIN_NODE = 1;
    static final int END_NODE = 2;
    static final int PROP = 3;
    static final int NOP = 4;
    static final int END = 9;

    /** A PROP tag is followed by its length at +4 and the name's offset in the strings block at +8; the value is at +12. */
    static final int PROP_LEN = 4;
    static final int PROP_NAMEOFF = 8;
    static final int PROP_HEADER = 12;
    /** A BEGIN_NODE tag is followed by the NUL-terminated name. */
    static final int NODE_NAME = 4;

    private static final VarHandle BE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle BE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private FdtLayout() {
    }

    static int be32(byte[] b, int at) {
        return (int) BE32.get(b, at);
    }

    static void be32(byte[] b, int at, int value) {
        BE32.set(b, at, value);
    }

    static long be64(byte[] b, int at) {
        return (long) BE64.get(b, at);
    }

    static void be64(byte[] b, int at, long value) {
        BE64.set(b, at, value);
    }

    static int align(int n, int to) {
        return (n + to - 1) & -to;
    }

    static int tagAlign(int n) {
        return (n + 3) & ~3;
    }

    /** Bytes of header that a version has. */
    static int headerSize(int version) {
        if (Integer.compareUnsigned(version, 1) <= 0) {
            return V1_SIZE;
        }
        if (Integer.compareUnsigned(version, 2) <= 0) {
            return OFF_SIZE_DT_STRINGS;
        }
        return Integer.compareUnsigned(version, 16) <= 0 ? OFF_SIZE_DT_STRUCT : HEADER_SIZE;
    }
}
