package dev.baton.devices.board;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.fdt.Fdt;
import dev.baton.core.fdt.FdtDiff;
import dev.baton.core.fdt.FdtReservation;
import dev.baton.devices.Tools;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

class VirtDeviceTreeTest {
    private static final long MIB = 1L << 20;

    /** What QEMU's tree has and that of a minimal board has not, by node path, with the reason. Nothing else may differ. */
    private static final Map<String, String> LACKING = lacking();

    private static Map<String, String> lacking() {
        Map<String, String> m = new LinkedHashMap<>();
        m.put("/platform-bus@c000000", "for devices plugged in on QEMU's command line");
        m.put("/fw-cfg@9020000", "of a full board");
        m.put("/virtio_mmio@a000000 to /virtio_mmio@a003e00", "of a full board");
        m.put("/gpio-keys", "the power button hangs on the PL061");
        m.put("/pl061@9030000", "of a full board");
        m.put("/pcie@10000000", "of a full board");
        m.put("/pmu", "the CPU of modelled kernels has no performance monitor");
        m.put("/flash@0", "of a full board");
        return m;
    }

    /** With EL2, beside {@link #LACKING}. */
    private static final String MAINTENANCE_INTERRUPT = "/intc@8000000 interrupts";
    private static final String VIRTUALIZATION_FRAMES = "/intc@8000000 reg";

    @ParameterizedTest(name = "{0} CPUs, {1} MiB, entry at EL{2}, gic-version={3}, its={4}, cpu {5}")
    @CsvSource({"1, 128, 1, 3, on, cortex-a57", "2, 512, 1, 3, off, cortex-a72", "8, 5120, 1, 3, on, neoverse-n1",
            "1, 256, 2, 3, on, cortex-a76", "2, 512, 2, 3, off, max", "8, 4096, 2, 3, on, cortex-a57", "1, 128, 1, 2, on, max",
            "2, 512, 1, 2, on, cortex-a57", "8, 1024, 1, 2, off, cortex-a57", "1, 512, 2, 2, on, cortex-a72",
            "2, 512, 2, 2, on, cortex-a57"})
    void the_tree_of_a_full_board_is_QEMU_s(int cpus, long mib, int el, int gic, String its, String cpu, @TempDir Path dir)
            throws Exception {
        VirtConfig config = VirtConfig.defaults().withCpus(cpus).withMemory(mib * MIB).withEntryLevel(el).withGicVersion(gic)
                .withIts(its.equals("on")).withPeripherals(Peripherals.FULL).withCpuModel(cpu);
        compare(config, its, cpu, Map.of(), dir);
    }

    @ParameterizedTest(name = "{0} CPUs, {1} MiB, entry at EL{2}, gic-version={3}, its={4}")
    @CsvSource({"1, 128, 1, 3, on", "2, 512, 1, 3, off", "4, 1024, 1, 3, on", "8, 5120, 1, 3, on", "1, 256, 2, 3, on", "2, 512, 2, 3, off",
            "4, 4096, 2, 3, on", "1, 128, 1, 2, on", "2, 512, 1, 2, on", "8, 1024, 1, 2, off", "1, 512, 2, 2, on", "4, 512, 2, 2, on"})
    void the_tree_of_a_minimal_board_is_QEMU_s_for_the_devices_that_are_there(int cpus, long mib, int el, int gic, String its,
            @TempDir Path dir) throws Exception {
        VirtConfig config = VirtConfig.defaults().withCpus(cpus).withMemory(mib * MIB).withEntryLevel(el)
                .withGicVersion(gic).withIts(its.equals("on"));
        compare(config, its, "cortex-a57", LACKING, dir);
    }

    private static void compare(VirtConfig config, String its, String cpu, Map<String, String> lacking, Path dir) throws Exception {
        int gic = config.gicVersion();
        int el = config.entryLevel();
        int cpus = config.cpus();
        long mib = config.memory() / MIB;
        Tools.assume("qemu-system-aarch64");
        byte[] kernel = new byte[4096];
        kernel[18] = 0x40;
        System.arraycopy("ARM\u0064".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), 0, kernel, 56, 4);
        Path image = Files.write(dir.resolve("Image"), kernel);
        Path initrd = Files.write(dir.resolve("initrd"), new byte[5000]);
        Path dtb = dir.resolve("qemu.dtb");
        Tools.run("qemu-system-aarch64", "-M", "virt,gic-version=" + gic + ",its=" + its + ",dtb-randomness=off,virtualization="
                + (el == 2 ? "on" : "off") + ",dumpdtb=" + dtb, "-cpu", cpu, "-smp",
                "" + cpus, "-m", mib + "M", "-nic", "none", "-display", "none",
                "-kernel", image.toString(), "-initrd", initrd.toString(), "-append", "console=ttyAMA0 quiet");

        long initrdAddress = VirtLayout.RAM + Math.min(mib / 2, 128) * MIB;
        byte[] ours = VirtDeviceTree.write(config, new VirtDeviceTree.Chosen("console=ttyAMA0 quiet", initrdAddress, 5000));

        Set<String> needed = new HashSet<>();
        List<String> unexplained = new ArrayList<>();
        for (FdtDiff.Row row : FdtDiff.between(Fdt.of(Files.readAllBytes(dtb)), Fdt.of(ours))) {
            String reason = row.change() == FdtDiff.Change.REMOVED ? reason(row, el, lacking) : virtualizationFrames(row, el, gic);
            if (reason == null) {
                unexplained.add(row.toString());
            } else {
                needed.add(reason);
            }
        }
        assertEquals(List.of(), unexplained);
        Set<String> listed = new HashSet<>(lacking.keySet());
        if (el == 2) {
            listed.add(MAINTENANCE_INTERRUPT);
            if (gic == 2) {
                listed.add(VIRTUALIZATION_FRAMES);
            }
        }
        assertEquals(listed, needed, "a listed difference that is none any more");
    }

    /** With EL2 QEMU's GICv2 has GICH and GICV. */
    private static String virtualizationFrames(FdtDiff.Row row, int el, int gic) {
        return el == 2 && gic == 2 && VIRTUALIZATION_FRAMES.equals(row.path() + " " + row.property()) ? VIRTUALIZATION_FRAMES : null;
    }

    private static String reason(FdtDiff.Row row, int el, Map<String, String> lacking) {
        if (!lacking.isEmpty() && row.path().matches("/virtio_mmio@a00[0-3][02468ace]00")) {
            return "/virtio_mmio@a000000 to /virtio_mmio@a003e00";
        }
        if (el == 2 && MAINTENANCE_INTERRUPT.equals(row.path() + " " + row.property())) {
            return MAINTENANCE_INTERRUPT;
        }
        return lacking.keySet().stream().filter(p -> row.path().equals(p) || row.path().startsWith(p + "/")).findFirst().orElse(null);
    }

    @Test
    void dtc_reads_the_tree_without_a_warning_about_its_structure(@TempDir Path dir) throws Exception {
        Tools.assume("dtc");
        Path dtb = Files.write(dir.resolve("virt.dtb"),
                VirtDeviceTree.write(VirtConfig.defaults().withCpus(4), VirtDeviceTree.Chosen.NOTHING));
        String messages = Tools.run("dtc", "-I", "dtb", "-O", "null", "-o", "/dev/null", dtb.toString());
        assertEquals("", messages);
    }

    @Test
    void under_spin_table_every_CPU_has_its_release_address_and_the_page_is_reserved() {
        VirtConfig config = VirtConfig.defaults().withCpus(2).withEnableMethod(EnableMethod.SPIN_TABLE);
        Fdt tree = Fdt.of(VirtDeviceTree.write(config, VirtDeviceTree.Chosen.NOTHING));
        assertEquals("spin-table", tree.node("/cpus/cpu@1").string("enable-method"));
        assertEquals(0x4000_0100L, tree.node("/cpus/cpu@0").u64("cpu-release-addr"));
        assertEquals(0x4000_0140L, tree.node("/cpus/cpu@1").u64("cpu-release-addr"));
        assertEquals(List.of(new FdtReservation(0x4000_0000L, 0x1000)), tree.reservations());
        assertTrue(tree.findNode("/psci").isEmpty());
    }

    @Test
    void seeds_are_there_only_when_asked_for_and_then_always_the_same() {
        VirtConfig config = VirtConfig.defaults();
        Fdt without = Fdt.of(VirtDeviceTree.write(config, VirtDeviceTree.Chosen.NOTHING));
        assertFalse(without.node("/chosen").has("kaslr-seed"));
        assertFalse(without.node("/chosen").has("rng-seed"));
        byte[] seeded = VirtDeviceTree.write(config.withSeed(7), VirtDeviceTree.Chosen.NOTHING);
        assertEquals(8, Fdt.of(seeded).node("/chosen").get("kaslr-seed").length());
        assertEquals(32, Fdt.of(seeded).node("/chosen").get("rng-seed").length());
        assertArrayEquals(seeded, VirtDeviceTree.write(config.withSeed(7), VirtDeviceTree.Chosen.NOTHING));
        assertFalse(java.util.Arrays.equals(seeded, VirtDeviceTree.write(config.withSeed(8), VirtDeviceTree.Chosen.NOTHING)));
    }

    @Test
    void an_initrd_above_4_GiB_has_addresses_of_two_cells() {
        Fdt tree = Fdt.of(VirtDeviceTree.write(VirtConfig.defaults(), new VirtDeviceTree.Chosen("", 0xffff_f000L, 0x2000)));
        assertEquals(4, tree.node("/chosen").get("linux,initrd-start").length());
        assertEquals(0x1_0000_1000L, tree.node("/chosen").u64("linux,initrd-end"));
    }
}
