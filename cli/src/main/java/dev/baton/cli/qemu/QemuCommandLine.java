package dev.baton.cli.qemu;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a command line asks for. Paths are as given; nothing was opened.
 *
 * @param answer    to be printed in place of running anything: version, help; null if the machine shall run
 * @param board     the machine
 * @param cpu       CPU model by name
 * @param features  properties of the model, {@code pauth=off} and the like
 * @param cpus      number of CPUs
 * @param memory    bytes of RAM
 * @param boot      what is started
 * @param serials   where the serial ports lead, the first first
 * @param chardevs  the named character devices
 * @param devices   what {@code -nic} and {@code -net nic} add, then {@code -device}, in order, and then {@code -drive if=virtio}
 * @param drives    disks and flash images
 * @param shares    folders of the host by the id of their {@code -fsdev}
 * @param escape    the key that introduces commands, as its control code
 * @param noReboot  a reset ends the run
 * @param debug     gdb, logs
 * @param epoch     the RTC at power-on, seconds since 1970; empty for Baton's fixed one
 * @param semihost  semihosting is answered
 * @param legacyMmio virtio-mmio slots are of version 1
 * @param extras    Baton's own: {@code -baton caches=strict,limit=10G}
 * @param notes     one sentence each: what is taken but makes no difference, where people would expect one. To be told with the word
 *                  'warning' in each line: kvm-unit-tests' {@code vmm.bash} takes any other line on standard error for a failure
 */
public record QemuCommandLine(String answer, Board board, String cpu, Map<String, String> features, int cpus, long memory, Boot boot,
        List<Backend> serials, Map<String, Backend> chardevs, List<Device> devices, List<Drive> drives,
        Map<String, Share> shares, int escape, boolean noReboot,
        Debug debug, OptionalLong epoch, boolean semihost, boolean legacyMmio, Map<String, String> extras, List<String> notes) {
    /**
     * Properties of {@code -M virt}.
     *
     * @param gic            {@code 2}, {@code 3} or {@code max}
     * @param its            GICv3 with an ITS
     * @param virtualization EL2 is there, and the kernel is entered at it
     * @param secure         EL3 is there
     * @param highmem        PCIe windows above 4 GiB
     * @param randomness     {@code kaslr-seed} and {@code rng-seed} in the device tree
     * @param dumpDtb        where the tree shall be written, in place of a run; null for nowhere
     */
    public record Board(String gic, boolean its, boolean virtualization, boolean secure, boolean highmem, boolean randomness,
            Path dumpDtb) { }

    /** Null where absent. */
    public record Boot(Path kernel, Path initrd, Path dtb, Path bios, String append) { }

    /** {@code -device DRIVER,id=...}. */
    public record Device(String driver, Map<String, String> properties) {
        public Optional<String> property(String name) {
            return Optional.ofNullable(properties.get(name));
        }

        @Override
        public String toString() {
            StringBuilder s = new StringBuilder("-device ").append(driver);
            properties.forEach((k, v) -> s.append(',').append(k).append('=').append(v));
            return s.toString();
        }
    }

    /** {@code -drive}; {@code kind} is its {@code if=}. */
    public record Drive(String id, String kind, Path file, String format, boolean readOnly, boolean snapshot) { }

    /** {@code -fsdev local}: a folder that the guest sees. */
    public record Share(Path folder, boolean readOnly) { }

    /**
     * @param port    gdb stub on this port of the loopback interface
     * @param stopped {@code -S}: nothing runs before the debugger says so
     * @param log     items of {@code -d}
     * @param logFile null for standard error
     */
    public record Debug(OptionalInt port, boolean stopped, List<String> log, Path logFile) { }
}
