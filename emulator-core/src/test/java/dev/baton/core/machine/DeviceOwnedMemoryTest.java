package dev.baton.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.core.finding.DeviceOwnedMemory;
import dev.baton.core.finding.DeviceOwnedMemory.Area;
import dev.baton.core.finding.Finding;
import dev.baton.core.io.MemoryOwner;
import dev.baton.core.io.OwnedRange;
import dev.baton.core.mem.Accessor;
import dev.baton.core.mem.BusMaster;
import dev.baton.core.mem.CachePolicy;
import dev.baton.core.mem.Ram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** A device that was told of a table and never told to stop, and the kernels that come after. */
class DeviceOwnedMemoryTest {
    private static final long RAM = 0x4000_0000L;
    private static final long TABLE = RAM + 0x2_0000;
    private static final List<Area> IMAGE_OVER_IT = List.of(new Area("kernel", RAM + 0x1_0000, 0x1_0800),
            new Area("dtb", RAM + 0x4_0000, 0x1000));
    private static final List<Area> IMAGE_ELSEWHERE = List.of(new Area("kernel", RAM + 0x4_0000, 0x1_0000));

    private static final class Device implements Stateful, MemoryOwner {
        private final List<OwnedRange> owned = new ArrayList<>(List.of(
                new OwnedRange("property table", "PROPBASER of CPU 0", TABLE, 0x1000, 70, "clear EnableLPIs of CPU 0")));

        @Override
        public List<OwnedRange> deviceOwned() {
            return owned;
        }

        @Override
        public void save(StateWriter out) { }

        @Override
        public void load(StateReader in) { }
    }

    private final Machine machine = new Machine();
    private final Ram ram = new Ram(RAM, 1 << 20, CachePolicy.STRICT);
    private final ScriptedCpu cpu = new ScriptedCpu(0);
    private final Device device = new Device();
    private final BusMaster master = new BusMaster(machine.bus(), "device");
    private final DeviceOwnedMemory checks = new DeviceOwnedMemory(machine);

    DeviceOwnedMemoryTest() {
        machine.bus().add(ram);
        machine.add(cpu);
        machine.part("device", device);
        machine.clock().base(100);
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private List<String> rules() {
        return machine.findings().all().stream().map(Finding::rule).toList();
    }

    private Finding last() {
        return machine.findings().all().getLast();
    }

    private void store(Accessor who, long pa) {
        ram.store(who, pa, 8, 0xa2a2_a2a2_a2a2_a2a2L, true);
    }

    @Test
    void a_table_inside_the_next_image_is_named_with_who_programmed_it_and_what_would_have_helped() {
        checks.handOver(cpu, 2, IMAGE_OVER_IT, List.of());
        assertEquals(List.of(DeviceOwnedMemory.OVERLAP), rules());
        assertEquals("the property table programmed by generation 1 is still in use and lies inside the kernel of generation 2",
                last().what());
        assertEquals("{pa=0x40020000, range=0x40020000 to 0x40021000, register=PROPBASER of CPU 0, in use since=70, by generation 1, "
                + "inside=kernel 0x40010000 to 0x40020800, overlap=0x40020000 to 0x40020800, missing=clear EnableLPIs of CPU 0}",
                last().details().toString());
    }

    @Test
    void a_table_in_free_memory_is_a_warning_unless_the_next_kernel_is_told_of_it() {
        checks.handOver(cpu, 2, IMAGE_ELSEWHERE, List.of(new Area("reserved", TABLE, 0x1000)));
        assertEquals(List.of(), rules());
        checks.handOver(cpu, 3, IMAGE_ELSEWHERE, List.of(new Area("reserved", TABLE, 0x800)));
        assertEquals(List.of(DeviceOwnedMemory.UNRESERVED), rules());
        assertEquals(Finding.Severity.WARNING, last().severity());
    }

    @Test
    void a_device_that_owns_nothing_any_more_is_no_finding() {
        device.owned.clear();
        checks.handOver(cpu, 2, IMAGE_OVER_IT, List.of());
        assertEquals(List.of(), rules());
    }

    @Test
    void the_first_store_of_an_instruction_into_the_overlap_is_named_and_its_others_are_not() {
        checks.handOver(cpu, 2, IMAGE_OVER_IT, List.of());
        store(cpu, TABLE - 8);
        store(cpu, TABLE + 0x800);
        assertEquals(List.of(DeviceOwnedMemory.OVERLAP), rules(), "beside it, and in the part that is not the image's");
        store(cpu, TABLE + 0x7f8);
        store(cpu, TABLE + 0x7f0);
        assertEquals(List.of(DeviceOwnedMemory.OVERLAP, DeviceOwnedMemory.STORE), rules());
        assertEquals("CPU 0 stored into the property table programmed by generation 1, which is still in use, inside the kernel "
                + "of generation 2", last().what());
        assertEquals("0x400207f8", last().details().get("pa"));
        assertEquals("a2a2a2a2a2a2a2a2", last().details().get("bytes"));
    }

    @Test
    void a_store_by_the_device_itself_is_named_too() {
        checks.handOver(cpu, 2, IMAGE_OVER_IT, List.of());
        store(master, TABLE + 0x40);
        assertEquals(List.of(DeviceOwnedMemory.OVERLAP, DeviceOwnedMemory.DEVICE_STORE), rules());
        assertEquals(-1, last().cpu());
    }

    @Test
    void once_the_device_was_told_to_stop_a_store_is_the_kernel_s_own_affair() {
        checks.handOver(cpu, 2, IMAGE_OVER_IT, List.of());
        device.owned.clear();
        store(cpu, TABLE);
        assertEquals(List.of(DeviceOwnedMemory.OVERLAP), rules());
    }

    @Test
    void a_table_programmed_anew_is_its_generation_s() {
        checks.handOver(cpu, 2, IMAGE_ELSEWHERE, List.of(new Area("reserved", TABLE, 0x1000)));
        device.owned.set(0, new OwnedRange("property table", "PROPBASER of CPU 0", TABLE, 0x1000, 150, "clear EnableLPIs of CPU 0"));
        machine.clock().base(200);
        checks.handOver(cpu, 3, IMAGE_OVER_IT, List.of());
        assertEquals("the property table programmed by generation 2 is still in use and lies inside the kernel of generation 3",
                last().what());
    }
}
