package dev.baton.devices.gic;

import dev.baton.core.io.OwnedRange;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.BusMaster;
import dev.baton.devices.Parts;

import java.util.ArrayList;
import java.util.List;

/**
 * A table of the ITS in guest memory with entries of eight bytes: GITS_BASERn and the way through it. IHI 0069 sections 5.2.1 and
 * 12.19. The format of level 1 entries is the architecture's, that of all others ours (and QEMU's).
 */
final class ItsTable {
    static final int ENTRY = 8;
    private static final int ID_BITS = 16;

    private static final long VALID = 1L << 63;
    private static final long INDIRECT = 1L << 62;
    /** Valid, Indirect, InnerCache, OuterCache, Physical_Address, Shareability, Page_Size, Size; Type and Entry_Size are RO. */
    private static final long FIELDS = 0xf8e0_ffff_ffff_ffffL;
    /** [47:12], of a level 1 entry [51:12]. */
    private static final long ADDRESS = 0xffff_ffff_f000L;
    private static final long L1_ADDRESS = 0x000f_ffff_ffff_f000L;

    /** Page_Size of 64 KiB, as QEMU's; the architecture leaves it open (GITS_BASERn, IHI 0069), and kvm-unit-tests expect it. */
    private static final long AT_RESET = 2 << 8;

    private final BusMaster memory;
    private final String name;
    private final int number;
    private final long fixed;
    private long baser = AT_RESET;

    /**
     * @param number of its GITS_BASER
     * @param type   GITS_BASER.Type: 1 for devices, 4 for collections
     */
    ItsTable(BusMaster memory, String name, int number, int type) {
        this.memory = memory;
        this.name = name;
        this.number = number;
        this.fixed = (long) type << 56 | (ENTRY - 1L) << 48;
    }

    void reset() {
        baser = AT_RESET;
    }

    long baser() {
        return baser | fixed;
    }

    void write(long offset, int size, long value) {
        baser = Parts.write64(baser, offset, size, value) & FIELDS;
    }

    boolean valid() {
        return (baser & VALID) != 0;
    }

    boolean coherent() {
        return LpiSupport.coherent((int) (baser >>> 59) & 7, (int) (baser >>> 10) & 3);
    }

    /** Page_Size: 0 is 4 KiB, 1 is 16 KiB, 2 and (reserved) 3 are 64 KiB. */
    private long pageSize() {
        return switch ((int) (baser >>> 8) & 3) {
            case 0 -> 4 << 10;
            case 1 -> 16 << 10;
            default -> 64 << 10;
        };
    }

    /** With pages of 64 KiB bits [15:12] of the register are [51:48] of the address. */
    private long base() {
        long field = baser & ADDRESS;
        return pageSize() == 64 << 10 ? field & ~0xffffL | (field & 0xf000) << 36 : field & -pageSize();
    }

    private long bytes() {
        return ((baser & 0xff) + 1) * pageSize();
    }

    private boolean indirect() {
        return (baser & INDIRECT) != 0;
    }

    /** How many identifiers the table and GITS_TYPER allow. */
    long entries() {
        long n = indirect() ? bytes() / 8 * (pageSize() / ENTRY) : bytes() / ENTRY;
        return valid() ? Math.min(n, 1L << ID_BITS) : 0;
    }

    /** Address of an entry below {@link #entries}; 0 where level 1 has no page for it; -1 if a table is not in memory. */
    long address(int id) {
        if (!indirect()) {
            return reachable(base() + (long) id * ENTRY);
        }
        long perPage = pageSize() / ENTRY;
        long l1 = base() + id / perPage * 8;
        if (!memory.reaches(l1, 8)) {
            return -1;
        }
        long entry = memory.load(l1, 8, coherent());
        return (entry & VALID) == 0 ? 0 : reachable((entry & L1_ADDRESS & -pageSize()) + id % perPage * ENTRY);
    }

    private long reachable(long address) {
        return memory.reaches(address, ENTRY) ? address : -1;
    }

    long load(long address) {
        return memory.load(address, ENTRY, coherent());
    }

    void store(long address, long entry) {
        memory.store(address, ENTRY, entry, coherent());
    }

    /** The table, and its pages of level 2. */
    List<OwnedRange> owned(long since, String stop) {
        if (!valid()) {
            return List.of();
        }
        List<OwnedRange> owned = new ArrayList<>();
        String register = "GITS_BASER" + number;
        owned.add(new OwnedRange("ITS " + name + " table", register, base(), bytes(), since, stop));
        for (long l1 = base(); indirect() && l1 < base() + bytes() && memory.reaches(l1, 8); l1 += 8) {
            long entry = memory.load(l1, 8, coherent());
            if ((entry & VALID) != 0) {
                owned.add(new OwnedRange("ITS " + name + " table, level 2", "the level 1 entry at 0x%x of %s".formatted(l1, register),
                        entry & L1_ADDRESS & -pageSize(), pageSize(), since, stop));
            }
        }
        return owned;
    }

    void save(StateWriter out) {
        out.u64(baser);
    }

    void load(StateReader in) {
        baser = in.u64();
    }
}
