package dev.baton.devices.gic;

import dev.baton.core.io.OwnedRange;
import dev.baton.core.mem.BusMaster;

import java.util.ArrayList;
import java.util.List;

/**
 * The commands of the ITS (IHI 0069 section 5.3), and the translation of an event by its tables.
 *
 * <pre>
 * device table entry      [0] valid   [5:1] EventID bits less one   [49:6] address of the ITT, bits 51:8
 * collection table entry  [0] valid   [16:1] number of the CPU
 * ITT entry, 12 bytes     [0] valid   [1] physical   [25:2] INTID   and in the last four bytes the collection
 * </pre>
 */
final class ItsCommands {
    static final int ITT_ENTRY = 12;

    private static final int MOVI = 0x01;
    private static final int INT = 0x03;
    private static final int CLEAR = 0x04;
    private static final int SYNC = 0x05;
    private static final int MAPD = 0x08;
    private static final int MAPC = 0x09;
    private static final int MAPTI = 0x0a;
    private static final int MAPI = 0x0b;
    private static final int INV = 0x0c;
    private static final int INVALL = 0x0d;
    private static final int MOVALL = 0x0e;
    private static final int DISCARD = 0x0f;

    private static final int VALID = 1;
    private static final int PHYSICAL = 2;
    private static final int MAX_EVENT_BITS = 16;
    private static final long ITT_ADDRESS = 0x000f_ffff_ffff_ff00L;

    /** Nothing is known of it. */
    private static final Translation NONE = new Translation(0, 0, 0, -1, false);

    private final Gic gic;
    private final BusMaster memory;
    private final ItsTable devices;
    private final ItsTable collections;
    /** Of the command that executes: a table it needed was not in memory. */
    private boolean stalled;

    /**
     * An event as the tables have it.
     *
     * @param entry      address of the ITT entry, 0 if the device or the event cannot have one
     * @param collection of a mapped event
     * @param cpu        target, -1 if the collection has none
     * @param mapped     the ITT entry is valid
     */
    private record Translation(long entry, int intid, int collection, int cpu, boolean mapped) {
        boolean reachesCpu() {
            return mapped && cpu >= 0;
        }
    }

    ItsCommands(Gic gic, BusMaster memory, ItsTable devices, ItsTable collections) {
        this.gic = gic;
        this.memory = memory;
        this.devices = devices;
        this.collections = collections;
    }

    /** @return false if the queue or a table is not in memory: the command has done nothing */
    boolean execute(long address, boolean coherent) {
        if (!memory.reaches(address, 32)) {
            return false;
        }
        long[] dw = new long[4];
        for (int i = 0; i < 4; i++) {
            dw[i] = memory.load(address + 8L * i, 8, coherent);
        }
        stalled = false;
        int device = (int) (dw[0] >>> 32);
        int event = (int) dw[1];
        switch ((int) dw[0] & 0xff) {
            case MAPD -> mapd(device, dw[1], dw[2]);
            case MAPC -> mapc(dw[2]);
            case MAPTI -> map(device, event, (int) (dw[1] >>> 32), (int) dw[2] & 0xffff);
            case MAPI -> map(device, event, event, (int) dw[2] & 0xffff);
            case MOVI -> movi(device, event, (int) dw[2] & 0xffff);
            case MOVALL -> movall(cpu(dw[2]), cpu(dw[3]));
            case DISCARD -> discard(device, event);
            case INT -> pending(lookUp(device, event), true);
            case CLEAR -> pending(lookUp(device, event), false);
            case INV -> inv(lookUp(device, event));
            case INVALL -> gic.invalidateLpis();
            case SYNC -> { }
            default -> { }
        }
        return !stalled;
    }

    /** A write to GITS_TRANSLATER. */
    void translate(int device, int event) {
        pending(lookUp(device, event), true);
    }

    // Tables ----------------------------------------------------------------------------------------------------------

    /** Entry of an identifier; 0 if it has none. */
    private long entryAddress(ItsTable table, int id) {
        if (Integer.toUnsignedLong(id) >= table.entries()) {
            return 0;
        }
        long address = table.address(id);
        stalled |= address == -1;
        return Math.max(address, 0);
    }

    private long entry(ItsTable table, int id) {
        long address = entryAddress(table, id);
        return address == 0 ? 0 : table.load(address);
    }

    /** CPU of a collection, -1 if it is not mapped. */
    private int target(int collection) {
        long entry = entry(collections, collection);
        int cpu = (int) (entry >>> 1) & 0xffff;
        return (entry & VALID) != 0 && cpu < gic.cpus() ? cpu : -1;
    }

    /** Address of the ITT entry of an event, 0 if the device is not mapped or has no such event. */
    private long ittEntry(int device, int event) {
        long entry = entry(devices, device);
        int bits = (int) (entry >>> 1 & 0x1f) + 1;
        if ((entry & VALID) == 0 || Integer.toUnsignedLong(event) >= 1L << bits) {
            return 0;
        }
        long address = ittOf(entry) + (long) ITT_ENTRY * event;
        if (!memory.reaches(address, ITT_ENTRY)) {
            stalled = true;
            return 0;
        }
        return address;
    }

    private static long ittOf(long deviceEntry) {
        return (deviceEntry >>> 6 & 0xfff_ffff_ffffL) << 8;
    }

    /** No register has the attributes of an ITT: those of the device table are used. Entries are aligned to four bytes. */
    private int loadItt(long address) {
        return (int) memory.load(address, 4, devices.coherent());
    }

    private void storeItt(long address, int value) {
        memory.store(address, 4, value, devices.coherent());
    }

    private Translation lookUp(int device, int event) {
        long at = ittEntry(device, event);
        if (at == 0) {
            return NONE;
        }
        int low = loadItt(at);
        int collection = loadItt(at + 8) & 0xffff;
        boolean mapped = (low & VALID) != 0 && (low & PHYSICAL) != 0;
        return new Translation(at, low >>> 2 & 0xff_ffff, collection, mapped ? target(collection) : -1, mapped);
    }

    private void storeItt(long at, int intid, int collection) {
        storeItt(at, VALID | PHYSICAL | intid << 2);
        storeItt(at + 4, 0);
        storeItt(at + 8, collection);
    }

    // Commands --------------------------------------------------------------------------------------------------------

    private void mapd(int device, long dw1, long dw2) {
        boolean valid = dw2 < 0;
        int size = (int) dw1 & 0x1f;
        long at = entryAddress(devices, device);
        if (at != 0 && !(valid && size >= MAX_EVENT_BITS)) {
            long itt = (dw2 & ITT_ADDRESS) >>> 8;
            devices.store(at, valid ? itt << 6 | (long) size << 1 | VALID : 0);
        }
    }

    /** RDbase [50:16]: the number of a CPU, as GITS_TYPER.PTA is 0. */
    private static long rdbase(long dw) {
        return dw >>> 16 & 0x7_ffff_ffffL;
    }

    /** Index of a CPU named by a command, -1 if there is none. */
    private int cpu(long dw) {
        return rdbase(dw) < gic.cpus() ? (int) rdbase(dw) : -1;
    }

    private void mapc(long dw2) {
        boolean valid = dw2 < 0;
        long at = entryAddress(collections, (int) dw2 & 0xffff);
        if (at != 0 && (!valid || cpu(dw2) >= 0)) {
            collections.store(at, valid ? (long) cpu(dw2) << 1 | VALID : 0);
        }
    }

    private void map(int device, int event, int intid, int collection) {
        boolean isLpi = intid >= Intid.FIRST_LPI && intid < LpiSupport.END;
        long at = ittEntry(device, event);
        if (at != 0 && isLpi && collection < collections.entries()) {
            storeItt(at, intid, collection);
        }
    }

    private void movi(int device, int event, int collection) {
        Translation t = lookUp(device, event);
        int to = collection < collections.entries() ? target(collection) : -1;
        if (t.reachesCpu() && to >= 0) {
            if (to != t.cpu) {
                gic.lpis(t.cpu).moveTo(gic.lpis(to), t.intid);
            }
            storeItt(t.entry, t.intid, collection);
        }
    }

    private void movall(int from, int to) {
        if (from >= 0 && to >= 0) {
            gic.lpis(from).moveAllTo(gic.lpis(to));
        }
    }

    private void discard(int device, int event) {
        Translation t = lookUp(device, event);
        pending(t, false);
        if (t.reachesCpu()) {
            storeItt(t.entry, 0);
            storeItt(t.entry + 4, 0);
            storeItt(t.entry + 8, 0);
        }
    }

    private void pending(Translation t, boolean on) {
        if (t.reachesCpu()) {
            gic.lpis(t.cpu).pending(t.intid, on);
        }
    }

    private void inv(Translation t) {
        if (t.reachesCpu() && t.intid >= Intid.FIRST_LPI && t.intid < LpiSupport.END) {
            gic.invalidateLpi(t.intid);
        }
    }

    // Memory ----------------------------------------------------------------------------------------------------------

    /** The ITT of every mapped device. */
    List<OwnedRange> ownedByDevices(long since, String stop) {
        List<OwnedRange> owned = new ArrayList<>();
        for (int device = 0; device < devices.entries(); device++) {
            long at = devices.address(device);
            long entry = at <= 0 ? 0 : devices.load(at);
            if ((entry & VALID) != 0) {
                long events = 1L << (entry >>> 1 & 0x1f) + 1;
                owned.add(new OwnedRange("ITS interrupt translation table", "MAPD of device 0x%x".formatted(device), ittOf(entry),
                        events * ITT_ENTRY, since, stop));
            }
        }
        return owned;
    }
}
