package dev.baton.cli.qemu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** The options there are, one row each. Any other is refused by name. */
final class QemuOptions {
    static final List<QemuOption> ROWS = List.of(
            row("M", "virt[,PROPERTY=VALUE...]", QemuParser::machine),
            row("machine", "virt[,PROPERTY=VALUE...]", QemuParser::machine),
            row("cpu", "MODEL[,FEATURE=on|off...]", QemuParser::cpu),
            row("smp", "[cpus=]N[,cores=N]", QemuParser::smp),
            row("m", "[size=]SIZE", QemuParser::memory),
            row("kernel", "FILE", (p, v) -> p.kernel = Path.of(v)),
            row("initrd", "FILE", (p, v) -> p.initrd = Path.of(v)),
            row("append", "TEXT", (p, v) -> p.append = v),
            row("dtb", "FILE", (p, v) -> p.dtb = Path.of(v)),
            row("bios", "FILE", (p, v) -> p.bios = Path.of(v)),
            row("serial", "none|null|stdio|mon:stdio|file:PATH|chardev:ID", (p, v) -> p.serialNames.add(v)),
            row("chardev", "BACKEND,id=ID[,...]", QemuParser::chardev),
            row("mon", "[chardev=]ID", QemuParser::monitor),
            row("monitor", "none|null", (p, v) -> p.only("monitor", v, "none", "null")),
            row("echr", "CODE", QemuParser::escape),
            row("device", "DRIVER[,PROPERTY=VALUE...]", QemuParser::device),
            row("global", "virtio-mmio.force-legacy=on|off", QemuParser::global),
            row("object", "rng-random|rng-builtin,id=ID", QemuParser::object),
            row("drive", "file=FILE,format=raw,if=none|virtio|pflash[,id=ID][,readonly=on][,snapshot=on]", QemuParser::drive),
            row("fsdev", "local,id=ID,path=FOLDER[,readonly=on]", QemuParser::folder),
            row("virtfs", "local,path=FOLDER,mount_tag=TAG[,readonly=on]", QemuParser::folderAndDevice),
            row("netdev", "user,id=ID|none", (p, v) -> p.network(p.networks::netdev, v)),
            row("nic", "user[,model=virtio][,mac=MAC]|none", (p, v) -> p.network(p.networks::nic, v)),
            row("net", "nic[,model=virtio][,macaddr=MAC]|user|none", (p, v) -> p.network(p.networks::net, v)),
            row("parallel", "none|null", (p, v) -> p.only("parallel", v, "none", "null")),
            row("vga", "none", (p, v) -> p.only("vga", v, "none")),
            row("audio", "none", (p, v) -> p.only("audio", v, "none")),
            row("display", "none", (p, v) -> p.only("display", v, "none")),
            flag("nographic", p -> { }),
            flag("nodefaults", p -> p.noDefaults = true),
            flag("no-user-config", p -> { }),
            flag("no-reboot", p -> p.noReboot = true),
            flag("no-acpi", p -> { }),
            flag("S", p -> p.stopped = true),
            flag("s", p -> p.port = OptionalInt.of(QemuParser.GDB_PORT)),
            row("gdb", "tcp::PORT|none", QemuParser::gdb),
            row("d", "ITEM[,ITEM...]", QemuParser::log),
            row("D", "FILE", (p, v) -> p.logFile = Path.of(v)),
            row("accel", "NAME", QemuParser::accelerator),
            flag("enable-kvm", p -> { }),
            row("icount", "shift=0[,sleep=on|off]", QemuParser::icount),
            row("rtc", "[base=]utc|localtime|DATE", QemuParser::rtc),
            flag("semihosting", p -> p.semihost = true),
            row("semihosting-config", "enable=on|off[,target=native]", QemuParser::semihosting),
            row("name", "TEXT", (p, v) -> { }),
            row("baton", "KEY=VALUE[,...]", QemuParser::extra),
            flag("version", p -> p.answer = QemuHelp.VERSION + "\n"),
            flag("help", p -> p.answer = QemuHelp.options(rows())),
            flag("h", p -> p.answer = QemuHelp.options(rows())));

    static final Map<String, QemuOption> BY_NAME = byName();

    private QemuOptions() { }

    private static QemuOption row(String name, String value, java.util.function.BiConsumer<QemuParser, String> action) {
        return new QemuOption(name, value, action);
    }

    private static QemuOption flag(String name, Consumer<QemuParser> action) {
        return new QemuOption(name, "", (p, v) -> action.accept(p));
    }

    private static Map<String, QemuOption> byName() {
        Map<String, QemuOption> map = new LinkedHashMap<>();
        ROWS.forEach(o -> map.put(o.name(), o));
        return map;
    }

    private static String rows() {
        List<String> lines = new ArrayList<>();
        ROWS.forEach(o -> lines.add(("-" + o.name() + " " + o.value()).strip()));
        return String.join("\n", lines);
    }
}
