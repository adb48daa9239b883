package dev.baton.cli.qemu;

import dev.baton.cli.qemu.QemuCommandLine.Board;
import dev.baton.cli.qemu.QemuCommandLine.Boot;
import dev.baton.cli.qemu.QemuCommandLine.Debug;
import dev.baton.cli.qemu.QemuCommandLine.Device;
import dev.baton.cli.qemu.QemuCommandLine.Drive;
import dev.baton.cli.qemu.QemuCommandLine.Share;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** Reads a command line, option by option, as {@link QemuOptions} lists them. */
public final class QemuParser {
    private static final int FIRST_PORT = 1;
    private static final int LAST_PORT = 0xffff;
    static final int GDB_PORT = 1234;
    private static final int CTRL_A = 1;
    /** Properties of models that are honoured. */
    public static final List<String> PROPERTIES = List.of("pauth", "pauth-impdef", "lpa2");
    /** Features that no model has: they are off. */
    private static final String ABSENT = "(sve|sme)(\\d+|_fa64)?";
    private static final List<String> LOG_ITEMS = List.of("cpu", "exec", "guest_errors", "in_asm", "int", "unimp");
    /** Features that cannot be taken from a model. */
    private static final List<String> IN_EVERY_MODEL = List.of("aarch64", "pmu");
    /** QEMU's default has no AArch64; everybody names a model. */
    private static final String DEFAULT_CPU = "max";

    private final List<String> cpuModels;
    private final List<String> deviceNames;

    String answer;
    final Map<String, String> machine = new LinkedHashMap<>();
    String cpu = DEFAULT_CPU;
    Map<String, String> features = Map.of();
    int cpus = 1;
    long memory = 128L << 20;
    Path kernel;
    Path initrd;
    Path dtb;
    Path bios;
    String append = "";
    final List<String> serialNames = new ArrayList<>();
    final Map<String, Backend> chardevs = new LinkedHashMap<>();
    final List<Device> devices = new ArrayList<>();
    private final Map<String, Share> shares = new LinkedHashMap<>();
    final QemuNetwork networks = new QemuNetwork();
    final List<Drive> drives = new ArrayList<>();
    private final List<String> generators = new ArrayList<>();
    int escape = CTRL_A;
    boolean noDefaults;
    boolean noReboot;
    boolean stopped;
    OptionalInt port = OptionalInt.empty();
    final List<String> log = new ArrayList<>();
    Path logFile;
    OptionalLong epoch = OptionalLong.empty();
    boolean semihost;
    private boolean legacyMmio = true;
    final Map<String, String> extras = new LinkedHashMap<>();
    final List<String> notes = new ArrayList<>();

    private QemuParser(List<String> cpuModels, List<String> deviceNames) {
        this.cpuModels = cpuModels;
        this.deviceNames = deviceNames;
    }

    /**
     * @param cpuModels   models that {@code -cpu} may name
     * @param deviceNames drivers that {@code -device} may name
     * @throws QemuOptionException if it is not understood, or asks for what is not supported
     */
    public static QemuCommandLine parse(List<String> arguments, List<String> cpuModels, List<String> deviceNames) {
        QemuParser p = new QemuParser(cpuModels, deviceNames);
        for (int i = 0; i < arguments.size() && p.answer == null; i++) {
            String given = arguments.get(i);
            QemuOption option = p.option(given);
            String value = "";
            if (option.takesValue()) {
                if (++i == arguments.size()) {
                    throw new QemuOptionException(given, "expected " + option.value() + " after it");
                }
                value = arguments.get(i);
            }
            option.action().accept(p, value);
        }
        return p.result();
    }

    private QemuOption option(String given) {
        if (!given.startsWith("-")) {
            throw new QemuOptionException(given, "expected an option; a disk image without -drive is not supported");
        }
        QemuOption option = QemuOptions.BY_NAME.get(given.startsWith("--") ? given.substring(2) : given.substring(1));
        if (option == null) {
            throw new QemuOptionException(given, "not supported; see -help");
        }
        return option;
    }

    private QemuCommandLine result() {
        if (answer != null) {
            return new QemuCommandLine(answer, null, cpu, features, cpus, memory, null, List.of(), Map.of(), List.of(), List.of(), Map.of(),
                    escape, noReboot, null, epoch, semihost, legacyMmio, extras, notes);
        }
        return new QemuCommandLine(null, board(), cpu, features, cpus, memory, new Boot(kernel, initrd, dtb, bios, append), serials(),
                Map.copyOf(chardevs), plugged(), List.copyOf(drives), Map.copyOf(shares), escape, noReboot,
                new Debug(port, stopped, List.copyOf(log), logFile), epoch, semihost, legacyMmio, extras, List.copyOf(notes));
    }

    // The machine -------------------------------------------------------------------------------------------------------

    void machine(String value) {
        if (QemuHelp.asked(value)) {
            answer = QemuHelp.machines();
            return;
        }
        KeyValues v = new KeyValues("-machine", value, "type");
        String type = v.take("type", "virt");
        if (!type.matches("virt(-[0-9]+\\.[0-9]+)?")) {
            throw v.refusal("expected virt");
        }
        v.ignore("accel", "graphics", "dump-guest-core", "mem-merge", "usb", "suppress-vmdesc", "default-bus-bypass-iommu");
        if (v.take("help").isPresent() || v.take("?").isPresent()) {
            answer = QemuHelp.machineProperties();
            return;
        }
        v.only("iommu", "none");
        v.only("confidential-guest-support", "");
        if (v.flag("mte", false)) {
            notes.add("-machine mte=on: there is no MTE, and ID_AA64PFR1_EL1 says so");
        }
        if (v.flag("acpi", false)) {
            notes.add("-machine acpi=on: there are no ACPI tables; kernels use the device tree");
        }
        v.flag("ras", false);
        v.flag("compact-highmem", true);
        for (String key : List.of("gic-version", "its", "virtualization", "secure", "highmem", "highmem-ecam", "highmem-mmio",
                "highmem-redists", "dtb-randomness", "dtb-kaslr-seed", "dumpdtb")) {
            v.take(key).ifPresent(x -> machine.put(key, x));
        }
        v.end();
    }

    private Board board() {
        KeyValues v = KeyValues.again("-machine virt", machine);
        boolean randomness = v.flag("dtb-kaslr-seed", true);
        String gic = v.take("gic-version", "2");
        if (gic.equals("host")) {
            notes.add("-machine gic-version=host: 3 in its place, since no host GIC serves the guest");
            gic = "3";
        }
        if (!List.of("2", "3", "max").contains(gic)) {
            throw new QemuOptionException("-machine gic-version=" + gic, "expected 2, 3 or max");
        }
        boolean highmem = v.flag("highmem", true) & v.flag("highmem-ecam", true) & v.flag("highmem-mmio", true);
        v.flag("highmem-redists", true);
        if (!highmem) {
            throw new QemuOptionException("-machine highmem=off", "not supported");
        }
        return new Board(gic, v.flag("its", true), v.flag("virtualization", false), v.flag("secure", false), highmem,
                v.flag("dtb-randomness", randomness), v.take("dumpdtb").map(Path::of).orElse(null));
    }

    void cpu(String value) {
        if (QemuHelp.asked(value)) {
            answer = QemuHelp.cpus(cpuModels);
            return;
        }
        KeyValues v = new KeyValues("-cpu", value, "model");
        cpu = v.take("model", "");
        features = v.rest();
        features.forEach((name, on) -> {
            boolean as = on.equals("off") ? name.matches(ABSENT) : IN_EVERY_MODEL.contains(name);
            if (!as && !PROPERTIES.contains(name)) {
                throw new QemuOptionException("-cpu " + cpu + "," + name + "=" + on, "not supported; a model is as it is");
            }
        });
        if (cpu.equals("host")) {
            notes.add("-cpu host: 'max' in its place, since no host CPU runs the guest");
            cpu = "max";
        }
        if (!cpuModels.contains(cpu)) {
            throw new QemuOptionException("-cpu " + cpu, "expected one of " + String.join(", ", cpuModels));
        }
    }

    void smp(String value) {
        KeyValues v = new KeyValues("-smp", value, "cpus");
        int cores = number(v, "cores", 0);
        for (String one : List.of("sockets", "dies", "clusters", "threads")) {
            if (number(v, one, 1) != 1) {
                throw v.refusal(one + ": expected 1; all CPUs are single-threaded cores of one cluster");
            }
        }
        cpus = number(v, "cpus", Math.max(1, cores));
        number(v, "maxcpus", cpus);
        v.end();
    }

    private static int number(KeyValues v, String key, int otherwise) {
        String text = v.take(key, String.valueOf(otherwise));
        if (!text.matches("[0-9]{1,4}")) {
            throw v.refusal("expected a number, found '" + text + "'");
        }
        return Integer.parseInt(text);
    }

    void memory(String value) {
        KeyValues v = new KeyValues("-m", value, "size");
        v.ignore("slots", "maxmem");
        try {
            memory = QemuSize.parse(v.need("size"), 'M');
        } catch (IllegalArgumentException e) {
            throw v.refusal(e.getMessage());
        }
        v.end();
    }

    // Character devices ---------------------------------------------------------------------------------------------------

    void chardev(String value) {
        if (QemuHelp.asked(value)) {
            answer = QemuHelp.chardevs();
            return;
        }
        KeyValues v = new KeyValues("-chardev", value, "backend");
        String kind = v.take("backend", "");
        String id = v.need("id");
        v.ignore("logfile", "logappend");
        Backend backend = switch (kind) {
            case "null" -> new Backend.Nothing();
            case "stdio" -> new Backend.Stdio(v.flag("mux", false), v.flag("signal", true));
            case "file" -> new Backend.ToFile(Path.of(v.need("path")), v.flag("append", false));
            case "testdev" -> new Backend.TestDev();
            default -> throw v.refusal("expected file, null, stdio or testdev");
        };
        v.end();
        chardevs.put(id, backend);
    }

    private List<Backend> serials() {
        List<Backend> serials = new ArrayList<>();
        for (String name : serialNames) {
            serials.add(serial(name));
        }
        if (serials.isEmpty()) {
            serials.add(noDefaults ? new Backend.Nothing() : new Backend.Stdio(true, false));
        }
        for (Backend more : serials.subList(1, serials.size())) {
            if (!(more instanceof Backend.Nothing)) {
                throw new QemuOptionException("-serial " + serialNames.get(1), "the board has one serial port");
            }
        }
        return List.copyOf(serials);
    }

    private Backend serial(String name) {
        if (name.startsWith("file:")) {
            return new Backend.ToFile(Path.of(name.substring("file:".length())), false);
        }
        if (name.startsWith("chardev:")) {
            Backend backend = chardevs.get(name.substring("chardev:".length()));
            if (backend == null) {
                throw new QemuOptionException("-serial " + name, "expected a -chardev with that id");
            }
            return backend;
        }
        return switch (name) {
            case "none", "null" -> new Backend.Nothing();
            case "stdio" -> new Backend.Stdio(false, true);
            case "mon:stdio" -> new Backend.Stdio(true, false);
            default -> throw new QemuOptionException("-serial " + name, "expected none, null, stdio, mon:stdio, file:PATH or chardev:ID");
        };
    }

    void monitor(String value) {
        KeyValues v = new KeyValues("-mon", value, "chardev");
        String id = v.need("chardev");
        v.only("mode", "readline");
        v.end();
        if (!(chardevs.get(id) instanceof Backend.Stdio s && s.escapes())) {
            throw v.refusal("expected a stdio -chardev with mux=on; its Ctrl-A c is the monitor");
        }
    }

    // Devices and drives ----------------------------------------------------------------------------------------------------

    void device(String value) {
        if (QemuHelp.asked(value)) {
            answer = String.join("", deviceNames.stream().map(d -> "name \"" + d + "\"\n").toList());
            return;
        }
        KeyValues v = new KeyValues("-device", value, "driver");
        String driver = v.take("driver", "");
        if (!deviceNames.contains(driver)) {
            throw new QemuOptionException("-device " + driver, deviceNames.isEmpty() ? "not supported"
                    : "not supported, only " + String.join(", ", deviceNames));
        }
        Device d = new Device(driver, v.rest());
        d.property("rng").filter(id -> !generators.contains(id)).ifPresent(id -> {
            throw v.refusal("rng=" + id + ": there is no -object of that id before it");
        });
        devices.add(d);
    }

    void drive(String value) {
        KeyValues v = new KeyValues("-drive", value, "file");
        String kind = v.take("if", "virtio");
        if (!List.of("none", "virtio", "pflash").contains(kind)) {
            throw v.refusal("if=" + kind + ": expected none, virtio or pflash");
        }
        String format = v.take("format", "raw");
        if (!format.equals("raw")) {
            throw v.refusal("format=" + format + ": expected raw");
        }
        v.ignore("cache", "aio", "discard", "detect-zeroes", "index", "unit", "media");
        String unnamed = kind.equals("virtio") ? "virtio" + drives.stream().filter(x -> x.kind().equals(kind)).count() : "";
        Drive d = new Drive(v.take("id", unnamed), kind, Path.of(v.need("file")), format, v.flag("readonly", false),
                v.flag("snapshot", false));
        v.end();
        if (kind.equals("pflash") && !d.readOnly() && !d.snapshot()) {
            notes.add("-drive if=pflash,file=" + d.file() + ": what the guest writes stays in the machine; the file stays as it is");
        }
        drives.add(d);
    }

    void folder(String value) {
        KeyValues v = new KeyValues("-fsdev", value, "driver");
        shares.put(v.need("id"), share(v));
    }

    /** A folder and the device that shows it, which is QEMU's short form. */
    void folderAndDevice(String value) {
        KeyValues v = new KeyValues("-virtfs", value, "driver");
        String tag = v.need("mount_tag");
        String id = v.take("id", tag);
        shares.put(id, share(v));
        devices.add(new Device("virtio-9p-pci", Map.of("fsdev", id, "mount_tag", tag)));
    }

    private static Share share(KeyValues v) {
        if (!v.take("driver", "").equals("local")) {
            throw v.refusal("expected local");
        }
        String model = v.take("security_model", "none");
        if (!model.equals("none") && !model.equals("passthrough")) {
            throw v.refusal("security_model=" + model + ": expected none or passthrough");
        }
        v.ignore("multidevs", "writeout");
        Share s = new Share(Path.of(v.need("path")), v.flag("readonly", false));
        v.end();
        return s;
    }

    void network(Predicate<String> option, String value) {
        if (option.test(value) && !notes.contains(QemuNetwork.NOTE)) {
            notes.add(QemuNetwork.NOTE);
        }
    }

    /** What {@code -device} says; as in QEMU, behind the board's own network cards and before the disks of {@code -drive if=virtio}. */
    private List<Device> plugged() {
        List<Device> all = new ArrayList<>(networks.cards(devices));
        all.addAll(devices);
        drives.stream().filter(d -> d.kind().equals("virtio"))
                .forEach(d -> all.add(new Device("virtio-blk-pci", Map.of("drive", d.id()))));
        return List.copyOf(all);
    }

    /** {@code -parallel}, {@code -vga}, {@code -display}: nothing of it is there. */
    void only(String option, String value, String... allowed) {
        if (!List.of(allowed).contains(value)) {
            throw new QemuOptionException("-" + option + " " + value, "not supported, only " + String.join(" or ", allowed));
        }
    }

    // Debugging -----------------------------------------------------------------------------------------------------------

    void gdb(String value) {
        if (value.equals("none")) {
            port = OptionalInt.empty();
            return;
        }
        String name = value.replaceFirst("^tcp:(127\\.0\\.0\\.1|localhost)?:", "").replaceFirst(",.*", "");
        int n = name.matches("[0-9]{1,5}") ? Integer.parseInt(name) : 0;
        if (n < FIRST_PORT || n > LAST_PORT) {
            throw new QemuOptionException("-gdb " + value, "expected tcp::PORT, or tcp:127.0.0.1:PORT: only this host may connect");
        }
        port = OptionalInt.of(n);
    }

    void log(String value) {
        if (QemuHelp.asked(value)) {
            answer = QemuHelp.logItems();
            return;
        }
        for (String item : value.split(",")) {
            if (!LOG_ITEMS.contains(item)) {
                throw new QemuOptionException("-d " + item, "expected one of " + String.join(", ", LOG_ITEMS));
            }
            log.add(item);
        }
    }

    void semihosting(String value) {
        KeyValues v = new KeyValues("-semihosting-config", value, "enable");
        semihost = v.flag("enable", true);
        if (!List.of("native", "auto").contains(v.take("target", "native"))) {
            throw v.refusal("target: expected native");
        }
        if (v.flag("userspace", false)) {
            throw v.refusal("userspace=on: not supported");
        }
        v.end();
    }

    /** Properties of every device of a driver: the one that people set. */
    void global(String value) {
        KeyValues v = new KeyValues("-global", value, null);
        legacyMmio = v.flag("virtio-mmio.force-legacy", legacyMmio);
        v.end();
    }

    void object(String value) {
        KeyValues v = new KeyValues("-object", value, "qom-type");
        String type = v.take("qom-type", "");
        if (!type.equals("rng-random") && !type.equals("rng-builtin")) {
            throw v.refusal("expected rng-random or rng-builtin");
        }
        generators.add(v.need("id"));
        v.ignore("filename");
        notes.add("-object " + type + ": random numbers come from -baton seed=, so that a run can be repeated");
        v.end();
    }

    void rtc(String value) {
        KeyValues v = new KeyValues("-rtc", value, "base");
        v.ignore("clock", "driftfix");
        String base = v.take("base", "utc");
        v.end();
        if (base.equals("utc") || base.equals("localtime")) {
            return;
        }
        try {
            String instant = base.contains("T") ? base : base + "T00:00:00";
            epoch = OptionalLong.of(java.time.LocalDateTime.parse(instant).toEpochSecond(java.time.ZoneOffset.UTC));
        } catch (java.time.format.DateTimeParseException e) {
            throw v.refusal("base=" + base + ": expected utc, localtime or YYYY-MM-DDTHH:MM:SS");
        }
    }

    void escape(String value) {
        int n = value.matches("0x[0-9a-fA-F]{1,3}|[1-9][0-9]{0,2}") ? Integer.decode(value) : 0;
        if (n < 1 || n > 31) {
            throw new QemuOptionException("-echr " + value, "expected the code of a control key, 1 to 31");
        }
        escape = n;
    }

    void icount(String value) {
        KeyValues v = new KeyValues("-icount", value, "shift");
        String shift = v.take("shift", "auto");
        if (!shift.equals("0") && !shift.equals("auto")) {
            throw v.refusal("shift=" + shift + ": expected 0; one instruction is one nanosecond here, always");
        }
        v.flag("sleep", false);
        v.flag("align", false);
        v.end();
    }

    void accelerator(String value) {
        if (QemuHelp.asked(value)) {
            answer = QemuHelp.accelerators();
        }
    }

    void extra(String value) {
        extras.putAll(new KeyValues("-baton", value, null).rest());
    }
}
