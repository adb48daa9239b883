package dev.baton.devices.board;

import dev.baton.core.machine.Bytes;
import dev.baton.core.machine.LaunchPlan;
import dev.baton.devices.firmware.SpinTablePen;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * Firmware boot as data: where kernel, initrd and device tree go, and the registers a kernel is entered with
 * (Documentation/arch/arm64/booting.rst). Places are QEMU's (hw/arm/boot.c): the initrd 128 MiB above the start of RAM, or
 * half of RAM if that is less, or after the kernel; the tree at the next 2 MiB after the initrd.
 */
public final class VirtBoot {
    private static final long MIB = 1L << 20;
    private static final long INITRD_OFFSET = 128 * MIB;
    private static final long DTB_ALIGNMENT = 2 * MIB;
    /** booting.rst: the tree must not exceed 2 MiB. */
    private static final long MAX_DTB = 2 * MIB;
    private static final long PAGE = 4096;
    /** Firmware edits its tree in place: QEMU leaves this much room, by totalsize in the header. */
    private static final int FIRMWARE_DTB = 1 << 20;
    private static final int TOTALSIZE = 4;
    /** Of images whose header says image_size 0, which is before v3.17. */
    private static final long OLD_TEXT_OFFSET = 0x8_0000L;

    /**
     * A kernel at its place.
     *
     * @param segments what lies where; their sizes include room that the kernel uses beyond its bytes
     * @param entry    physical address of its first instruction
     */
    public record Kernel(List<LaunchPlan.Segment> segments, long entry) {
        public Kernel {
            segments = List.copyOf(segments);
        }

        /**
         * An arm64 {@code Image}, by two fields of its header: 2 MiB above the start of RAM plus text_offset, or with nothing
         * added where text_offset alone leaves the firmware page free.
         */
        public static Kernel image(Bytes image, long textOffset, long imageSize) {
            long address = imageAddress(textOffset, imageSize);
            long size = Math.max(image.length(), imageSize);
            return new Kernel(List.of(new LaunchPlan.Segment("kernel", address, image, size)), address);
        }

        private static long imageAddress(long textOffset, long imageSize) {
            long offset = imageSize == 0 ? OLD_TEXT_OFFSET : textOffset;
            boolean firmwareFree = Long.compareUnsigned(offset, VirtLayout.FIRMWARE_SIZE) >= 0;
            return VirtLayout.RAM + offset + (firmwareFree ? 0 : DTB_ALIGNMENT);
        }

        long end() {
            return segments.stream().mapToLong(LaunchPlan.Segment::end).max().orElse(VirtLayout.RAM);
        }
    }

    private final VirtConfig config;
    private final Kernel kernel;
    private final Bytes initrd;
    private final String bootargs;

    private VirtBoot(VirtConfig config, Kernel kernel, Bytes initrd, String bootargs) {
        this.config = config;
        this.kernel = kernel;
        this.initrd = initrd;
        this.bootargs = bootargs;
    }

    /**
     * One plan for each CPU that starts at power-on: the boot CPU with everything in memory, and under spin-table the others
     * in the pen.
     *
     * @param initrd   of length 0 for none
     * @param bootargs kernel command line, "" for none
     * @throws IllegalArgumentException with one sentence if something does not fit into RAM or overlaps
     */
    public static List<LaunchPlan> plans(VirtConfig config, Kernel kernel, Bytes initrd, String bootargs) {
        return new VirtBoot(config, kernel, initrd, bootargs).plans();
    }

    /** As {@link #plans} with this device tree in place of the board's own, which need not be about this board. */
    public static List<LaunchPlan> plansWithTree(VirtConfig config, Kernel kernel, Bytes initrd, Bytes dtb) {
        return new VirtBoot(config, kernel, initrd, "").plans(dtb);
    }

    /**
     * Firmware in flash bank 0 starts at address 0, in the highest exception level there is, with the board's tree at the start of RAM:
     * QEMU's {@code -bios}. Other CPUs are off.
     */
    public static LaunchPlan firmware(VirtConfig config) {
        byte[] dtb = Arrays.copyOf(VirtDeviceTree.write(config, VirtDeviceTree.Chosen.NOTHING), FIRMWARE_DTB);
        ByteBuffer.wrap(dtb).putInt(TOTALSIZE, FIRMWARE_DTB);
        VirtBoot boot = new VirtBoot(config, new Kernel(List.of(), VirtLayout.FLASH), Bytes.of(), "");
        return new LaunchPlan(0, List.of(new LaunchPlan.Segment("dtb", VirtLayout.RAM, Bytes.wrap(dtb))),
                boot.registers(VirtLayout.FLASH, 0));
    }

    private List<LaunchPlan> plans() {
        var chosen = new VirtDeviceTree.Chosen(bootargs, initrdAddress(), initrd.length());
        return plans(Bytes.wrap(VirtDeviceTree.write(config, chosen)));
    }

    private List<LaunchPlan> plans(Bytes dtb) {
        List<LaunchPlan.Segment> segments = segments(dtb);
        check(segments);
        List<LaunchPlan> plans = new ArrayList<>();
        plans.add(new LaunchPlan(0, segments, registers(kernel.entry(), dtbAddress())));
        if (config.enableMethod() == EnableMethod.SPIN_TABLE) {
            for (int i = 1; i < config.cpus(); i++) {
                plans.add(new LaunchPlan(i, List.of(), registers(VirtLayout.FIRMWARE, 0)));
            }
        }
        return plans;
    }

    private List<LaunchPlan.Segment> segments(Bytes dtb) {
        List<LaunchPlan.Segment> segments = new ArrayList<>();
        if (config.enableMethod() == EnableMethod.SPIN_TABLE) {
            segments.add(SpinTablePen.segment(VirtLayout.FIRMWARE));
        }
        segments.addAll(kernel.segments());
        if (initrd.length() != 0) {
            segments.add(new LaunchPlan.Segment("initrd", initrdAddress(), initrd));
        }
        segments.add(new LaunchPlan.Segment("dtb", dtbAddress(), dtb));
        return segments;
    }

    private long initrdAddress() {
        long offset = Math.min(config.memory() / 2, INITRD_OFFSET);
        return alignUp(Math.max(VirtLayout.RAM + offset, kernel.end()), PAGE);
    }

    private long dtbAddress() {
        return alignUp(initrdAddress() + initrd.length(), DTB_ALIGNMENT);
    }

    private static long alignUp(long value, long alignment) {
        return value + alignment - 1 & -alignment;
    }

    private TreeMap<String, Long> registers(long pc, long x0) {
        var registers = new TreeMap<String, Long>();
        registers.put("pc", pc);
        registers.put("x0", x0);
        registers.put("x1", 0L);
        registers.put("x2", 0L);
        registers.put("x3", 0L);
        registers.put("el", (long) config.entryLevel());
        return registers;
    }

    private void check(List<LaunchPlan.Segment> segments) {
        long dtbSize = segments.getLast().size();
        if (dtbSize > MAX_DTB) {
            throw new IllegalArgumentException("dtb: expected at most 0x%x bytes, found 0x%x".formatted(MAX_DTB, dtbSize));
        }
        long ramEnd = VirtLayout.RAM + config.memory();
        for (LaunchPlan.Segment s : segments) {
            if (s.address() < VirtLayout.RAM || s.size() < 0 || s.size() > ramEnd - s.address()) {
                throw new IllegalArgumentException("%s of 0x%x bytes at 0x%x is not within RAM, 0x%x to 0x%x".formatted(
                        s.label(), s.size(), s.address(), VirtLayout.RAM, ramEnd));
            }
            for (LaunchPlan.Segment other : segments) {
                if (s != other && s.address() < other.end() && other.address() < s.end()) {
                    throw new IllegalArgumentException("%s at 0x%x to 0x%x overlaps %s at 0x%x to 0x%x".formatted(
                            s.label(), s.address(), s.end(), other.label(), other.address(), other.end()));
                }
            }
        }
    }
}
