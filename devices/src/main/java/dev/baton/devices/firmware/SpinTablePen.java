package dev.baton.devices.firmware;

import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The page in which secondary CPUs wait under {@code enable-method = "spin-table"}: code that polls a release word for each
 * CPU, and the words, zero until a kernel writes an address there. It must be reserved from the kernel and never moved.
 */
public final class SpinTablePen {
    /** Bytes of the page. */
    public static final int SIZE = 0x1000;

    private static final int RELEASE_WORDS = 0x100;
    /** A cache line each: what a kernel cleans or invalidates for one CPU does not touch the word of another. */
    private static final int RELEASE_STRIDE = 64;

    /** devices/src/main/asm/spin-table-pen.S, assembled. */
    static final int[] CODE = {
        0xd53800a5,     //     mrs   x5, mpidr_el1
        0x92401ca5,     //     and   x5, x5, #0xff
        0x100007c6,     //     adr   x6, pen + RELEASE_WORDS
        0x8b0518c6,     //     add   x6, x6, x5, lsl #6
        0xf94000c4,     // 1:  ldr   x4, [x6]
        0xb5000064,     //     cbnz  x4, 2f
        0xd503205f,     //     wfe
        0x17fffffd,     //     b     1b
        0xaa1f03e0,     // 2:  mov   x0, xzr
        0xaa1f03e1,     //     mov   x1, xzr
        0xaa1f03e2,     //     mov   x2, xzr
        0xaa1f03e3,     //     mov   x3, xzr
        0xd61f0080,     //     br    x4
    };

    private SpinTablePen() { }

    /** The page, to be placed at {@code address}; CPUs start at its first byte. */
    public static LaunchPlan.Segment segment(long address) {
        ByteBuffer code = ByteBuffer.allocate(4 * CODE.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int word : CODE) {
            code.putInt(word);
        }
        return new LaunchPlan.Segment("spin-table pen", address, Bytes.wrap(code.array()), SIZE);
    }

    /** Physical address of a CPU's release word: its {@code cpu-release-addr}. */
    public static long releaseAddress(long pen, int aff0) {
        return pen + RELEASE_WORDS + (long) RELEASE_STRIDE * aff0;
    }
}
