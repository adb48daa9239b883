package dev.baton.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.io.MmioDevice;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.core.time.VirtualClock;
import dev.baton.devices.gic.Gic;
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
                        ".redistributors.bank.firstWord", ".redistributors.bank.resetEdge")));
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
        r.write(0x70, 8, 0x4000_0780L);
        r.write(0x78, 8, 0x4001_0780L);
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
        assertEquals(DeviceFields.of(s.make.get()), DeviceFields.of(used));
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
        assertEquals(expected, actual);
        assertTrue(expected.size() > 5);
    }
}
