package dev.baton.core.finding;

import dev.baton.core.cpu.Cpu;
import dev.baton.core.io.OwnedRange;
import dev.baton.core.machine.Machine;
import dev.baton.core.mem.Accessor;
import dev.baton.core.mem.ForwardingChecks;
import dev.baton.core.mem.MemoryChecks;
import dev.baton.core.mem.Ram;
import dev.baton.core.mem.View;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Memory that devices still use by themselves when a next kernel starts, although it is or will be that kernel's.
 *
 * <ul>
 * <li>{@code device-owned-memory-in-next-kernel}: it lies inside the image, the device tree, the initrd or what else was loaded.
 * <li>{@code device-owned-memory-not-reserved}, a warning: it lies in free memory, and nothing tells the next kernel.
 * <li>{@code store-to-device-owned-memory}: a CPU stored into memory of the first kind while the device still used it.
 * <li>{@code device-store-to-kernel-memory}: the device did.
 * </ul>
 *
 * The last two are seen by watches that exist only once the first was reported, and each for the first few places in code that do it.
 */
public final class DeviceOwnedMemory {
    public static final String OVERLAP = "device-owned-memory-in-next-kernel";
    public static final String UNRESERVED = "device-owned-memory-not-reserved";
    public static final String STORE = "store-to-device-owned-memory";
    public static final String DEVICE_STORE = "device-store-to-kernel-memory";

    private static final String SOURCE = "Arm IHI 0069 (GIC), GICR_CTLR.EnableLPIs and GITS_CTLR.Enabled: tables belong to the GIC while "
            + "these are set; Linux irq-gic-v3-its.c, redist_disable_lpis: \"Booted with LPIs enabled, memory probably corrupted\"";
    private static final int PAGE = 4096;
    /** Of one range and generation, how many places in code are named. */
    private static final int PLACES = 4;
    private static final int NEIGHBOURHOOD = 64;

    /** A labelled range of physical memory. */
    public record Area(String label, long address, long size) {
        long end() {
            return address + size;
        }

        @Override
        public String toString() {
            return label + " " + range(address, end());
        }
    }

    /** An owned range inside something of the next kernel, and the PCs of the stores into it that were named. */
    private record Overlap(OwnedRange owned, Area area, int generation, Set<Long> places) {
        long start() {
            return Math.max(owned.address(), area.address);
        }

        long end() {
            return Math.min(owned.end(), area.end());
        }

        String key() {
            return owned.register() + area + generation;
        }

        /** Instructions side by side, such as those of one fill loop, are one place. */
        boolean isNewPlace(long pc) {
            return places.size() < PLACES && places.add(pc & -NEIGHBOURHOOD);
        }

        boolean touchedBy(long pa, long size) {
            return pa < end() && start() < pa + size;
        }
    }

    private final Machine machine;
    /** First generation by the time at which each began. */
    private final TreeMap<Long, Integer> generations = new TreeMap<>(Map.of(0L, 1));
    private final List<Overlap> watched = new ArrayList<>();

    public DeviceOwnedMemory(Machine machine) {
        this.machine = machine;
    }

    private static String range(long start, long end) {
        return "0x%x to 0x%x".formatted(start, end);
    }

    /**
     * A next kernel is about to execute its first instruction: asks every device what it still owns.
     *
     * @param cpu        that executes it
     * @param generation of that kernel, 2 for the first that another one started
     * @param next       what was loaded for it: image with the room it claims beyond its bytes, device tree, initrd …
     * @param reserved   what the next kernel is told to keep away from
     */
    public void handOver(Cpu cpu, int generation, List<Area> next, List<Area> reserved) {
        for (OwnedRange owned : machine.deviceOwned()) {
            boolean inside = false;
            for (Area area : next) {
                if (owned.overlaps(area.address, area.size)) {
                    inside = true;
                    overlap(cpu, new Overlap(owned, area, generation, new HashSet<>()));
                }
            }
            if (!inside && !covered(owned, reserved)) {
                unreserved(cpu, generation, owned);
            }
        }
        generations.put(machine.clock().now(), generation);
    }

    private static boolean covered(OwnedRange owned, List<Area> reserved) {
        return reserved.stream().anyMatch(r -> r.address <= owned.address() && owned.end() <= r.end());
    }

    private int programmer(OwnedRange owned) {
        return generations.floorEntry(owned.since()).getValue();
    }

    private Map<String, String> facts(OwnedRange owned) {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("pa", "0x" + Long.toHexString(owned.address()));
        details.put("range", range(owned.address(), owned.end()));
        details.put("register", owned.register());
        details.put("in use since", "%d, by generation %d".formatted(owned.since(), programmer(owned)));
        return details;
    }

    private void overlap(Cpu cpu, Overlap o) {
        Map<String, String> details = facts(o.owned);
        details.put("inside", o.area.toString());
        details.put("overlap", range(o.start(), o.end()));
        details.put("missing", o.owned.stop());
        String what = "the %s programmed by generation %d is still in use and lies inside the %s of generation %d".formatted(
                o.owned.what(), programmer(o.owned), o.area.label, o.generation);
        report(OVERLAP, Finding.Severity.ERROR, cpu, what, details, o.key());
        watch(o);
    }

    private void unreserved(Cpu cpu, int generation, OwnedRange owned) {
        if (machine.bus().ram(owned.address()) == null) {
            return;
        }
        Map<String, String> details = facts(owned);
        details.put("missing", owned.stop() + "; or a reservation of the range in the tree of generation " + generation);
        String what = "the %s programmed by generation %d is still in use, in memory that generation %d is free to allocate".formatted(
                owned.what(), programmer(owned), generation);
        report(UNRESERVED, Finding.Severity.WARNING, cpu, what, details, owned.register() + generation);
    }

    private void report(String rule, Finding.Severity severity, Accessor who, String what, Map<String, String> details, String key) {
        machine.findings().report(rule + " " + key,
                new Finding(rule, severity, what, who.index(), who.pc(), machine.clock().now(), details, SOURCE));
    }

    // Watches ---------------------------------------------------------------------------------------------------------

    private void watch(Overlap o) {
        if (watched.isEmpty()) {
            machine.bus().banks().forEach(ram -> ram.checks(new Watch(ram.checks())));
        }
        watched.add(o);
        for (long page = o.start() & -PAGE; page < o.end(); page += PAGE) {
            Ram ram = machine.bus().ram(page);
            if (ram != null) {
                ram.watch(page);
            }
        }
    }

    /** A store to a watched page: reported, the first by a CPU and the first by a device, if the range is still the device's. */
    private void stored(Accessor who, long pa, long size, View view) {
        for (Overlap o : watched) {
            String rule = who != null && who.index() >= 0 ? STORE : DEVICE_STORE;
            if (o.touchedBy(pa, size) && o.isNewPlace(who == null ? 0 : who.pc()) && stillOwned(o.owned)) {
                store(rule, who, pa, size, view, o);
            }
        }
    }

    private String bytes(long pa, long size, View view) {
        byte[] b = new byte[(int) Math.min(size, 8)];
        machine.bus().peek(pa, b, 0, b.length, view);
        return HexFormat.of().formatHex(b);
    }

    private boolean stillOwned(OwnedRange owned) {
        return machine.deviceOwned().stream().anyMatch(now -> now.register().equals(owned.register()) && now.address() == owned.address());
    }

    private void store(String rule, Accessor who, long pa, long size, View view, Overlap o) {
        Map<String, String> details = facts(o.owned);
        details.put("pa", "0x" + Long.toHexString(pa));
        details.put("size", Long.toString(size));
        details.put("bytes", bytes(pa, size, view));
        details.put("inside", o.area.toString());
        String by = rule.equals(STORE) ? "CPU " + who.index() : "the device";
        String what = "%s stored into the %s programmed by generation %d, which is still in use, inside the %s of generation %d"
                .formatted(by, o.owned.what(), programmer(o.owned), o.area.label, o.generation);
        details.put("missing", o.owned.stop());
        report(rule, Finding.Severity.ERROR, who == null ? NOBODY : who, what, details,
                o.key() + (who == null ? 0 : who.pc()));
    }

    private static final Accessor NOBODY = new Accessor() {
        @Override
        public int index() {
            return -1;
        }

        @Override
        public long pc() {
            return 0;
        }
    };

    /** What reaches a watched page. */
    private final class Watch extends ForwardingChecks {
        private Watch(MemoryChecks checks) {
            super(checks);
        }

        @Override
        public void watchedStore(Accessor who, long pa, long size, View view) {
            stored(who, pa, size, view);
            super.watchedStore(who, pa, size, view);
        }
    }
}
