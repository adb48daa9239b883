package dev.baton.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.core.mem.BusMaster;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.core.time.VirtualClock;
import dev.baton.devices.gic.Gic;
import dev.baton.devices.gic.GicV2;
import dev.baton.devices.gic.Its;
import dev.baton.devices.gic.LpiSupport;
import dev.baton.devices.rtc.Pl031;
import dev.baton.devices.uart.Pl011;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One check, every device: what was used and then reset equals what is new, and what was saved and loaded equals the original. */
class LifecycleTest {
    /**
     * @param untouched fields that use cannot change: wiring by number, and what is fixed at construction
     */
    record Subject<T extends Stateful>(String name, Supplier<T> make, Consumer<T> use, Consumer<T> reset, Set<String> untouched) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Subject<?>> devices() {
        return List.of(
                new Subject<>("PL011", LifecycleTest::uart, LifecycleTest::use, MmioDevice::reset, Set.of(".uartclk")),
                new Subject<>("PL031", LifecycleTest::rtc, LifecycleTest::use, MmioDevice::reset, Set.of(".epoch")),
                new Subject<>("GIC", LifecycleTest::gic, LifecycleTest::use, Gic::reset, Set.of(".affinities", ".interfaces.cpu",
                        ".distributor.spis.firstWord", ".distributor.spis.resetEdge", ".redistributors.typer",
                        ".redistributors.bank.firstWord", ".redistributors.bank.resetEdge", ".configuration", ".distributor.lpis",
                        ".redistributors.lpis")),
                new Subject<>("GIC with LPIs and ITS", Translated::new, Translated::use, Translated::reset, Set.of(".gic.affinities",
                        ".gic.interfaces.cpu", ".gic.distributor.spis.firstWord", ".gic.distributor.spis.resetEdge",
                        ".gic.redistributors.typer", ".gic.redistributors.bank.firstWord", ".gic.redistributors.bank.resetEdge",
                        ".gic.distributor.lpis", ".gic.redistributors.lpis.cpu", ".gic.redistributors.lpis.support.sticky",
                        ".its.base", ".its.collections.fixed", ".its.collections.number", ".its.commands.stalled", ".its.devices.fixed",
                        ".its.devices.number")),
                new Subject<>("GICv2", LifecycleTest::gicV2, LifecycleTest::use, GicV2::reset, Set.of(".interfaces.cpu",
                        ".distributor.spis.firstWord", ".distributor.spis.resetEdge", ".distributor.banks.firstWord",
                        ".distributor.banks.resetEdge")));
    }

    private static Pl011 uart() {
        return new Pl011(InterruptLine.UNCONNECTED, b -> { }, new VirtualClock(), 24_000_000, UnmodelledAccess.UNHEARD);
    }

    private static void use(Pl011 uart) {
        uart.write(0x30, 4, 0x381);
        uart.write(0x2c, 4, 0x10);
        for (int i = 0; i < 18; i++) {
            uart.write(0x00, 4, 'a' + i);
        }
        uart.read(0x00, 4);
        for (int i = 0; i < 2; i++) {
            uart.write(0x00, 4, 'z');
        }
        uart.write(0x30, 4, 0xf81);
        uart.input((byte) 'q');
        uart.write(0x20, 4, 1);
        uart.write(0x24, 4, 39);
        uart.write(0x28, 4, 4);
        uart.write(0x34, 4, 0x24);
        uart.write(0x38, 4, 0x50);
        uart.write(0x48, 4, 3);
    }

    private static Pl031 rtc() {
        VirtualClock clock = new VirtualClock();
        clock.base(5_000_000_000L);
        return new Pl031(InterruptLine.UNCONNECTED, clock, 1_000_000, UnmodelledAccess.UNHEARD);
    }

    private static void use(Pl031 rtc) {
        rtc.write(0x08, 4, 77);
        rtc.write(0x04, 4, 77);
        rtc.write(0x04, 4, 99);
        rtc.write(0x10, 4, 1);
    }

    /** A GICv3 with everything, over memory in which nothing is written but by it. */
    private static final class Translated implements Stateful {
        private static final long RAM = 0x4000_0000L;

        private final Gic gic;
        private final Its its;

        Translated() {
            PhysicalBus bus = new PhysicalBus();
            Ram ram = new Ram(RAM, 1 << 20, CachePolicy.NONE);
            bus.add(ram);
            VirtualClock clock = new VirtualClock();
            clock.base(77);
            LpiSupport lpis = new LpiSupport(new BusMaster(bus, "gic"), clock::now, false);
            gic = new Gic(new long[] {0, 1}, lpis, UnmodelledAccess.UNHEARD);
            its = new Its(gic, 0x0808_0000L, lpis, UnmodelledAccess.UNHEARD);
            byte[] enabled = new byte[64];
            java.util.Arrays.fill(enabled, (byte) 0xa3);
            ram.place(RAM + 0x1_0000, enabled, 0, enabled.length);
            long[] commands = {9, 0, 1L << 63 | 0x1_0005, 0, 8, 7, 1L << 63 | RAM + 0x8000, 0, 0xa, 8193L << 32 | 3, 5, 0, 3, 3, 0, 0};
            for (int i = 0; i < commands.length; i++) {
                lpis.memory().store(RAM + 0x4000 + 8 * i, 8, commands[i], true);
            }
        }

        void use() {
            LifecycleTest.use(gic);
            for (int cpu = 0; cpu < 2; cpu++) {
                gic.redistributors().write(cpu * 0x2_0000, 4, 0);
                gic.redistributors().write(cpu * 0x2_0000 + 0x70, 8, RAM + 0x1_0000 | 0x78f);
                gic.redistributors().write(cpu * 0x2_0000 + 0x78, 8, RAM + 0x2_0000 + 0x1_0000 * cpu | 0x780);
                gic.redistributors().write(cpu * 0x2_0000, 4, 1);
            }
            its.write(0x100, 8, 1L << 63 | RAM + 0x6000);
            its.write(0x108, 8, 1L << 63 | RAM + 0x7000);
            its.write(0x80, 8, 1L << 63 | RAM + 0x4000);
            its.write(0, 4, 1);
            its.write(0x88, 8, 0x80);
            gic.write(1, "ICC_IGRPEN1_EL1", 1);
        }

        void reset() {
            gic.reset();
            its.reset();
        }

        @Override
        public void save(StateWriter out) {
            gic.save(out);
            its.save(out);
        }

        @Override
        public void load(StateReader in) {
            gic.load(in);
            its.load(in);
        }
    }

    private static GicV2 gicV2() {
        return new GicV2(2, () -> 0, UnmodelledAccess.UNHEARD);
    }

    private static void use(GicV2 gic) {
        MmioDevice d = gic.distributor();
        MmioDevice c = gic.cpuInterface();
        d.write(0x0, 4, 3);
        d.write(0x80, 4, 0x2);
        d.write(0x84, 4, 2);
        d.write(0x104, 4, 7);
        d.write(0x100, 4, 0x80000);
        d.write(0xc08, 4, 0x8);
        d.write(0xc04, 4, 0x80);
        d.write(0x400, 4, 0x8040);
        d.write(0x420, 4, 0x8090_a0b0L);
        d.write(0x820, 4, 0x0101_0203L);
        c.write(0x04, 4, 0xf0);
        c.write(0x08, 4, 5);
        c.write(0x1c, 4, 5);
        c.write(0x00, 4, 0x20f);
        gic.spi(2).set(true);
        gic.spi(1).set(true);
        gic.spi(1).set(false);
        gic.ppi(0, 3).set(true);
        d.write(0xf00, 4, 0x1_0000);
        d.write(0xf00, 4, 0x1_0001);
        c.read(0x0c, 4);
        c.read(0x0c, 4);
        d.write(0xf00, 4, 0x1_0001);
        d.write(0x204, 4, 4);
        d.write(0x304, 4, 8);
        c.write(0xe0, 4, 5);
        d.write(0xf20, 4, 1);
    }

    private static Gic gic() {
        return new Gic(new long[] {0, 1}, UnmodelledAccess.UNHEARD);
    }

    private static void use(Gic gic) {
        MmioDevice d = gic.distributor();
        MmioDevice r = gic.redistributors();
        d.write(0x0, 4, 3);
        d.write(0x84, 4, 2);
        d.write(0x104, 4, 7);
        d.write(0xc08, 4, 0x8);
        d.write(0x420, 4, 0x8090_a0b0L);
        d.write(0x6108, 8, 1);
        r.write(0x14, 4, 0);
        r.write(0x1_0080, 4, 0xffff_0002);
        r.write(0x1_0100, 4, -1);
        r.write(0x1_0400, 4, 0x8040);
        r.write(0x1_0c04, 4, 0x80);
        for (String register : List.of("ICC_IGRPEN0_EL1", "ICC_IGRPEN1_EL1")) {
            gic.write(0, register, 1);
        }
        gic.write(0, "ICC_PMR_EL1", 0xf0);
        gic.write(0, "ICC_BPR0_EL1", 5);
        gic.write(0, "ICC_BPR1_EL1", 5);
        gic.write(0, "ICC_CTLR_EL1", 2);
        gic.spi(2).set(true);
        gic.spi(1).set(true);
        gic.spi(1).set(false);
        gic.ppi(0, 3).set(true);
        gic.write(0, "ICC_SGI1R_EL1", 1 << 24 | 1);
        gic.read(0, "ICC_IAR1_EL1");
        gic.write(0, "ICC_SGI0R_EL1", 1);
        gic.read(0, "ICC_IAR0_EL1");
        gic.write(0, "ICC_SGI1R_EL1", 1 << 24 | 1);
        d.write(0x204, 4, 4);
        d.write(0x304, 4, 8);
        gic.write(0, "ICH_HCR_EL2", 1);
        gic.write(0, "ICH_VMCR_EL2", 2);
        gic.write(0, "ICH_AP0R0_EL2", 3);
        gic.write(0, "ICH_AP1R0_EL2", 4);
        gic.write(0, "ICH_LR3_EL2", 5);
    }

    @ParameterizedTest
    @MethodSource("devices")
    <T extends Stateful> void use_changes_every_field_that_can_change(Subject<T> s) {
        T used = s.make.get();
        SortedMap<String, Object> fresh = DeviceFields.of(used);
        s.use.accept(used);
        var unchanged = new TreeSet<String>();
        fresh.keySet().forEach(path -> unchanged.add(path.replaceAll("\\[\\d+]", "")));
        unchanged.removeAll(DeviceFields.changed(fresh, DeviceFields.of(used)));
        assertEquals(new TreeSet<>(s.untouched), unchanged, "fields that the test does not reach, or that need no exemption");
    }

    @ParameterizedTest
    @MethodSource("devices")
    <T extends Stateful> void reset_restores_every_field(Subject<T> s) {
        T used = s.make.get();
        s.use.accept(used);
        s.reset.accept(used);
        assertSame(DeviceFields.of(s.make.get()), DeviceFields.of(used));
    }

    @ParameterizedTest
    @MethodSource("devices")
    <T extends Stateful> void load_after_save_restores_every_field(Subject<T> s) {
        T used = s.make.get();
        s.use.accept(used);
        StateWriter out = new StateWriter();
        used.save(out);
        T other = s.make.get();
        other.load(new StateReader(out.toByteArray()));
        // Deadlines are the clock's to save.
        var expected = DeviceFields.of(used);
        var actual = DeviceFields.of(other);
        for (String timer : List.of(".timeout", ".match")) {
            expected.remove(timer);
            actual.remove(timer);
        }
        assertSame(expected, actual);
        assertTrue(expected.size() > 5);
    }

    private static void assertSame(SortedMap<String, Object> expected, SortedMap<String, Object> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        List<String> differing = expected.keySet().stream().filter(f -> !expected.get(f).equals(actual.get(f)))
                .map(f -> f + ": expected " + expected.get(f) + ", found " + actual.get(f)).toList();
        assertEquals(List.of(), differing);
    }
}
