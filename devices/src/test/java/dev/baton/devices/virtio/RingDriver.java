package dev.baton.devices.virtio;

import dev.baton.core.mem.BusMaster;

/** A guest's driver of one split virtqueue on a virtio-mmio slot: writes rings through the bus, knocks, reads what came back. */
final class RingDriver {
    static final int SIZE = 8;

    private final VirtioMmio slot;
    private final int queue;
    final BusMaster memory;
    final long descriptors;
    final long available;
    final long used;
    private int next;

    /** Sets the queue up: legacy by its page number, else by three addresses. */
    RingDriver(VirtioMmio slot, BusMaster memory, int queue, long at) {
        this.slot = slot;
        this.memory = memory;
        this.queue = queue;
        descriptors = at;
        available = at + 16 * SIZE;
        used = at + 4096;
        slot.write(0x30, 4, queue);
        slot.write(0x38, 4, SIZE);
        if (slot.read(4, 4) == 1) {
            slot.write(0x28, 4, 4096);
            slot.write(0x3c, 4, 4096);
            slot.write(0x40, 4, at >>> 12);
        } else {
            slot.write(0x80, 4, descriptors);
            slot.write(0x84, 4, descriptors >>> 32);
            slot.write(0x90, 4, available);
            slot.write(0xa0, 4, used);
            slot.write(0x44, 4, 1);
        }
    }

    /** Status and features as section 3.1.1 says. */
    static void negotiate(VirtioMmio slot, long features) {
        slot.write(0x70, 4, 0);
        slot.write(0x70, 4, 3);
        slot.write(0x24, 4, 0);
        slot.write(0x20, 4, features & 0xffff_ffffL);
        slot.write(0x24, 4, 1);
        slot.write(0x20, 4, features >>> 32);
        slot.write(0x70, 4, 11);
        slot.write(0x70, 4, 15);
    }

    void descriptor(int n, long address, int length, int flags, int following) {
        store(descriptors + 16L * n, 8, address);
        store(descriptors + 16L * n + 8, 4, length);
        store(descriptors + 16L * n + 12, 2, flags);
        store(descriptors + 16L * n + 14, 2, following);
    }

    void store(long pa, int bytes, long value) {
        memory.store(pa, bytes, value, true);
    }

    long load(long pa, int bytes) {
        return memory.load(pa, bytes, true);
    }

    void offer(int head) {
        store(available + 4 + 2L * (next % SIZE), 2, head);
        store(available + 2, 2, ++next & 0xffff);
    }

    void notifyDevice() {
        slot.write(0x50, 4, queue);
    }

    int usedIndex() {
        return (int) load(used + 2, 2);
    }

    int usedLength(int n) {
        return (int) load(used + 4 + 8L * (n % SIZE) + 4, 4);
    }

    int usedHead(int n) {
        return (int) load(used + 4 + 8L * (n % SIZE), 4);
    }
}
