package dev.baton.devices.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.devices.Tools;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Character devices a to d, each behind the port of a bus. */
class Serial_ports_are_where_QEMU_has_them_Test {
    private static final Pattern QTREE = Pattern.compile("( *)(bus: (\\S+)|dev: .*|chardev = \"(.*)\"|nr = (\\d+) .*)");

    private static List<Peripherals.Device> devices(String line) {
        List<Peripherals.Device> devices = new ArrayList<>();
        for (String text : line.split(" ")) {
            String[] parts = text.split(",");
            Map<String, String> properties = new LinkedHashMap<>();
            Arrays.stream(parts).skip(1).map(p -> p.split("=")).forEach(p -> properties.put(p[0], p[1]));
            devices.add(new Peripherals.Device(parts[0], properties));
        }
        return devices;
    }

    /** @param buses names of the buses of the virtio-serial devices, in the order of these */
    private static Map<String, String> places(String line, String buses) {
        List<Peripherals.Device> devices = devices(line);
        SerialPorts ports = new SerialPorts(devices);
        Map<String, String> places = new TreeMap<>();
        int serial = 0;
        for (int i = 0; i < devices.size(); i++) {
            if (devices.get(i).driver().startsWith("virtio-serial")) {
                String bus = buses.split(" ")[serial++];
                ports.of(i).forEach(p -> places.put(p.chardev(), bus + "/" + p.number()));
            }
        }
        return places;
    }

    private static Map<String, String> qtree(String line) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("qemu-system-aarch64", "-M", "virt", "-nodefaults", "-display", "none", "-S",
                "-monitor", "stdio"));
        for (String chardev : List.of("a", "b", "c", "d")) {
            command.addAll(List.of("-chardev", "null,id=" + chardev));
        }
        Arrays.stream(line.split(" ")).forEach(d -> command.addAll(List.of("-device", d)));
        Process qemu = new ProcessBuilder(command).redirectErrorStream(true).start();
        qemu.getOutputStream().write("info qtree\nquit\n".getBytes(StandardCharsets.US_ASCII));
        qemu.getOutputStream().close();
        String answer = new String(qemu.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertEquals(0, qemu.waitFor(), answer);
        Map<String, String> places = new TreeMap<>();
        String bus = "";
        String chardev = "";
        for (Matcher m : answer.lines().map(QTREE::matcher).filter(Matcher::matches).toList()) {
            if (m.group(3) != null) {
                bus = m.group(3);
            } else if (m.group(4) != null) {
                chardev = m.group(4);
            } else if (m.group(5) != null) {
                places.put(chardev, bus + "/" + m.group(5));
            }
        }
        return places;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "virtio-serial-device virtconsole,chardev=a | virtio-serial-bus.0 | {a=virtio-serial-bus.0/0}",
        "virtio-serial-device virtserialport,chardev=a,name=x virtio-serial-device virtserialport,chardev=b,name=y"
                + " virtconsole,chardev=c | virtio-serial-bus.0 virtio-serial-bus.1"
                + " | {a=virtio-serial-bus.0/1, b=virtio-serial-bus.0/2, c=virtio-serial-bus.0/0}",
        "virtio-serial-pci,id=p virtserialport,chardev=a virtio-serial-device,id=m virtserialport,chardev=b virtconsole,chardev=c"
                + " virtconsole,chardev=d | p.0 m.0 | {a=p.0/1, b=m.0/1, c=m.0/0, d=m.0/2}",
        "virtio-serial-device,id=m virtio-serial-pci,id=p virtserialport,chardev=a virtserialport,chardev=b,nr=7"
                + " virtconsole,chardev=c,bus=p.0,nr=3 virtconsole,chardev=d,bus=p.0"
                + " | m.0 p.0 | {a=m.0/1, b=m.0/7, c=p.0/3, d=p.0/0}",
        "virtio-serial-pci virtio-serial-pci,id=p virtio-serial-pci virtserialport,chardev=a virtserialport,chardev=b,bus=p.0"
                + " virtserialport,chardev=c,bus=virtio-serial-bus.0 | virtio-serial-bus.0 p.0 virtio-serial-bus.1"
                + " | {a=virtio-serial-bus.1/1, b=p.0/1, c=virtio-serial-bus.0/1}",
    })
    void and_have_the_numbers_that_it_gives_them(String line, String buses, String expected) throws IOException, InterruptedException {
        assertEquals(expected, places(line, buses).toString());
        Tools.assume("qemu-system-aarch64");
        assertEquals(expected, qtree(line).toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "virtserialport | device virtserialport: there is no virtio-serial device before it",
        "virtio-serial-device virtserialport,bus=other.0 | device virtserialport,bus=other.0: expected virtio-serial-bus.0",
        "virtio-serial-device virtserialport,nr=0 | device virtserialport,nr=0: expected a free number, 1 to 30",
        "virtio-serial-device virtconsole,nr=31 | device virtconsole,nr=31: expected a free number, 0 to 30",
        "virtio-serial-device virtconsole,nr=x | device virtconsole,nr=x: expected a free number, 0 to 30",
        "virtio-serial-device virtserialport,nr=1 virtserialport,nr=1 | device virtserialport,nr=1: expected a free number, 1 to 30",
    })
    void or_are_refused_where_it_refuses_them(String line, String sentence) throws IOException, InterruptedException {
        String said = assertThrows(IllegalArgumentException.class, () -> new SerialPorts(devices(line))).getMessage();
        assertEquals(sentence, said);
        Tools.assume("qemu-system-aarch64");
        assertTrue(assertThrows(AssertionError.class, () -> qtree(line)).getMessage().contains("qemu-system-aarch64: -device virt"));
    }
}
