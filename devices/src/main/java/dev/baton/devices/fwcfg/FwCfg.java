package dev.baton.devices.fwcfg;

import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.BusMaster;
import dev.baton.devices.Parts;

/** fw_cfg behind memory-mapped registers, with DMA: docs/specs/fw_cfg.rst. Items are read-only. */
public final class FwCfg implements MmioDevice {
    /** Bytes of the register window. */
    public static final long SIZE = 0x18;

    // 0x00                                         RO  data: 8 bytes, in the order of the item
    private static final int SELECTOR = 0x08;       // WO  16 bits, big-endian
    private static final int DMA_ADDRESS = 0x10;    // RW  64 bits, big-endian; the write of the low word starts a transfer

    /** What the DMA register reads: "QEMU CFG". */
    private static final long DMA_SIGNATURE = 0x5145_4d55_2043_4647L;

    private static final int CONTROL_ERROR = 1;
    private static final int CONTROL_READ = 2;
    private static final int CONTROL_SKIP = 4;
    private static final int CONTROL_SELECT = 8;
    private static final int CONTROL_WRITE = 16;

    /** The selector's low 14 bits name the item. */
    private static final int ITEM = 0x3fff;
    private static final int CHUNK = 1 << 16;

    private final FwCfgItems items;
    private final BusMaster memory;
    private int selector;
    private int position;
    private long dmaAddress;

    public FwCfg(FwCfgItems items, BusMaster memory) {
        this.items = items;
        this.memory = memory;
    }

    /** What a guest can ask for; changed before the machine starts. */
    public FwCfgItems items() {
        return items;
    }

    @Override
    public void reset() {
        selector = 0;
        position = 0;
        dmaAddress = 0;
    }

    @Override
    public long read(long offset, int size) {
        long v = peek(offset, size);
        if (offset < SELECTOR) {
            advance(size);
        }
        return v;
    }

    @Override
    public long peek(long offset, int size) {
        if (offset >= DMA_ADDRESS) {
            return Parts.read64(Long.reverseBytes(DMA_SIGNATURE), offset, size);
        }
        if (offset >= SELECTOR) {
            return 0;
        }
        long v = 0;
        for (int i = 0; i < size; i++) {
            v |= (at(position + i) & 0xffL) << 8 * i;
        }
        return v;
    }

    private byte at(int i) {
        Bytes item = items.item(selector & ITEM);
        return i >= 0 && i < item.length() ? item.at(i) : 0;
    }

    /** Never beyond the item's end, so it cannot wrap. */
    private void advance(int n) {
        position = (int) Math.min(items.item(selector & ITEM).length(), position + Integer.toUnsignedLong(n));
    }

    private void select(int key) {
        selector = key;
        position = 0;
    }

    @Override
    public void write(long offset, int size, long value) {
        if (offset == SELECTOR && size == 2) {
            select(Short.toUnsignedInt(Short.reverseBytes((short) value)));
        } else if (offset == DMA_ADDRESS && size == 8) {
            transfer(Long.reverseBytes(value));
        } else if (offset == DMA_ADDRESS && size == 4) {
            dmaAddress = Integer.toUnsignedLong(Integer.reverseBytes((int) value)) << 32;
        } else if (offset == DMA_ADDRESS + 4 && size == 4) {
            transfer(dmaAddress | Integer.toUnsignedLong(Integer.reverseBytes((int) value)));
        }
    }

    /** FWCfgDmaAccess: control, length, address; big-endian. */
    private void transfer(long at) {
        dmaAddress = 0;
        if ((at & 3) != 0 || !memory.reaches(at, 16)) {
            return;
        }
        int control = be32(at);
        int length = be32(at + 4);
        long address = Integer.toUnsignedLong(be32(at + 8)) << 32 | Integer.toUnsignedLong(be32(at + 12));
        if ((control & CONTROL_SELECT) != 0) {
            select(control >>> 16);
        }
        int result = 0;
        if ((control & CONTROL_READ) != 0) {
            result = copy(address, Integer.toUnsignedLong(length)) ? 0 : CONTROL_ERROR;
        } else if ((control & CONTROL_WRITE) != 0) {
            result = CONTROL_ERROR;
        } else if ((control & CONTROL_SKIP) != 0) {
            advance(length);
        }
        memory.store(at, 4, Integer.toUnsignedLong(Integer.reverseBytes(result)), true);
    }

    private int be32(long pa) {
        return Integer.reverseBytes((int) memory.load(pa, 4, true));
    }

    private boolean copy(long address, long length) {
        if (!memory.reaches(address, length)) {
            return false;
        }
        byte[] chunk = new byte[(int) Math.min(CHUNK, length)];
        for (long done = 0; done < length; done += chunk.length) {
            int step = (int) Math.min(chunk.length, length - done);
            for (int i = 0; i < step; i++) {
                chunk[i] = at(position + i);
            }
            memory.write(address + done, chunk, 0, step, true);
            advance(step);
        }
        return true;
    }

    @Override
    public void save(StateWriter out) {
        out.u32(selector).u32(position).u64(dmaAddress);
    }

    @Override
    public void load(StateReader in) {
        selector = in.u32();
        position = in.u32();
        dmaAddress = in.u64();
    }
}
