package dev.baton.devices.pci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.io.InterruptLine;
import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.mem.BusMaster;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.PhysicalBus;
import dev.baton.core.mem.Ram;
import dev.baton.devices.Level;
import dev.baton.devices.UnmodelledAccess;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class PciHostTest {
    private static final long RAM = 0x4000_0000L;
    private static final long DOORBELL = 0x0809_0040L;
    private static final int SLOT = 6;
    private static final long CONFIG = SLOT << 15;
    private static final int CONTROL = 0x42;
    private static final int ENABLED = 0x8000;
    private static final long BAR = 0x1000_0000L;

    /** Interrupts and has a table of messages, and nothing else. */
    private static final class Interrupter extends PciFunction {
        private final MsiX msix;

        Interrupter() {
            super(0x1234, 0x5678, 0xff00);
            interruptPin();
            msix = new MsiX(this, CONTROL - 2, 0, 2);
        }

        @Override
        protected void writeConfig(int offset, int size, long value) {
            super.writeConfig(offset, size, value);
            msix.maskChanged();
        }

        @Override
        public void reset() {
            msix.reset();
            super.reset();
        }

        @Override
        public void save(StateWriter out) {
            super.save(out);
            msix.save(out);
        }

        @Override
        public void load(StateReader in) {
            super.load(in);
            msix.load(in);
        }
    }

    private final Level[] lines = {new Level(), new Level(), new Level(), new Level()};
    private final List<String> messages = new ArrayList<>();
    private final PhysicalBus bus = new PhysicalBus();
    private final BusMaster memory = new BusMaster(bus, "test");
    private final Interrupter function = new Interrupter();
    private final PciHost host = host(function);

    private PciHost host(Interrupter f) {
        if (bus.banks().isEmpty()) {
            bus.add(new Ram(RAM, 1 << 20, CachePolicy.NONE));
        }
        PciHost h = new PciHost(List.of(lines).toArray(new InterruptLine[0]), new RecordedMessages(DOORBELL, messages), memory,
                UnmodelledAccess.UNHEARD);
        h.plug(SLOT, f);
        return h;
    }

    private void table(int vector, long address, int data, int masked) {
        host.write(CONFIG + 0x10, 4, BAR);
        host.write(CONFIG + 4, 2, 6);
        var window = host.memory(BAR);
        window.write(16L * vector, 8, address);
        window.write(16L * vector + 8, 4, data);
        window.write(16L * vector + 12, 4, masked);
    }

    @Test
    void pin_A_of_slot_6_is_the_third_line_of_the_host_unless_the_function_is_told_not_to_use_it() {
        function.intx(true);
        assertTrue(lines[2].isHigh());
        assertEquals(8, host.read(CONFIG + 6, 2) & 8, "interrupt status");
        host.write(CONFIG + 4, 2, 0x400);
        assertFalse(lines[2].isHigh());
        host.write(CONFIG + 4, 2, 0);
        assertTrue(lines[2].isHigh());
        Interrupter other = new Interrupter();
        host.plug(10, other);
        other.intx(true);
        function.intx(false);
        assertTrue(lines[2].isHigh(), "slot 10 still asserts the line that both share");
        other.intx(false);
        assertFalse(lines[2].isHigh());
        assertFalse(lines[0].isHigh() || lines[1].isHigh() || lines[3].isHigh());
    }

    @Test
    void a_message_to_the_doorbell_says_who_sends_it_and_another_is_a_write_to_memory() {
        table(0, DOORBELL, 7, 0);
        function.msix.notify(0);
        assertEquals(List.of(), messages, "MSI-X is not enabled");
        host.write(CONFIG + CONTROL, 2, ENABLED);
        function.msix.notify(0);
        assertEquals(List.of("0x30 0x7"), messages);
        table(1, RAM + 0x100, 0x1234_5678, 0);
        function.msix.notify(1);
        assertEquals(0x1234_5678, memory.load(RAM + 0x100, 4, true));
        host.write(CONFIG + 4, 2, 2);
        function.msix.notify(0);
        assertEquals(1, messages.size(), "a function that is no bus master writes nothing");
        function.msix.notify(2);
        function.msix.notify(0xffff);
        assertEquals(1, messages.size());
    }

    @Test
    void a_masked_message_waits_also_over_a_snapshot() {
        table(1, DOORBELL, 9, 1);
        host.write(CONFIG + CONTROL, 2, ENABLED);
        function.msix.notify(1);
        assertEquals(List.of(), messages);
        assertEquals(2, host.memory(BAR).read(0x800, 4), "pending");
        StateWriter saved = new StateWriter();
        host.save(saved);
        Interrupter copy = new Interrupter();
        PciHost other = host(copy);
        other.load(new StateReader(saved.toByteArray()));
        other.memory(BAR).write(0x1c, 4, 0);
        assertEquals(List.of("0x30 0x9"), messages);
        assertEquals(0, other.memory(BAR).read(0x800, 4));
        host.write(CONFIG + CONTROL, 2, ENABLED | 0x4000);
        host.memory(BAR).write(0x1c, 4, 0);
        assertEquals(1, messages.size(), "the whole function is masked");
        host.write(CONFIG + CONTROL, 2, ENABLED);
        assertEquals(2, messages.size());
    }

    @Test
    void reset_makes_it_as_at_power_on() {
        StateWriter fresh = new StateWriter();
        host.save(fresh);
        table(1, DOORBELL, 9, 0);
        host.write(CONFIG + CONTROL, 2, ENABLED | 0x4000);
        function.msix.notify(1);
        function.intx(true);
        host.write(CONFIG + 0x80, 4, 0x1234);
        host.reset();
        StateWriter after = new StateWriter();
        host.save(after);
        assertArrayEquals(fresh.toByteArray(), after.toByteArray());
        assertFalse(lines[2].isHigh());
    }

    @Test
    void a_slot_holds_one_function() {
        assertThrows(IllegalArgumentException.class, () -> host.plug(SLOT, new Interrupter()));
        assertThrows(IllegalArgumentException.class, () -> host.plug(32, new Interrupter()));
        assertEquals(1, host.freeSlot());
    }
}
