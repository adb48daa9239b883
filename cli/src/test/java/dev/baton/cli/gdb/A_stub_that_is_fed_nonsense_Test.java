package dev.baton.cli.gdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.arm64.Arm64Config;
import dev.baton.arm64.Arm64Cpu;
import dev.baton.cli.console.Inbox;
import dev.baton.core.machine.Machine;
import dev.baton.devices.board.VirtBoard;
import dev.baton.devices.board.VirtConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

class A_stub_that_is_fed_nonsense_Test {
    private static final int ROUNDS = 30_000;
    private static final String[] SEEDS = {
        "?", "g", "G00112233", "p20", "p0", "P0=0000000000000000", "P21=c5030000", "m40000000,40", "m9000000,1000", "mffffffffffffffff,10",
        "M40000000,4:00000000", "X40000000,2:ab", "Hg1", "Hc-1", "T2", "vCont?", "vMustReplyEmpty", "Z0,40000000,4", "Z2,40000000,8",
        "z0,40000000,4", "z2,40000000,8", "qSupported:xmlRegisters=i386", "qC", "qfThreadInfo", "qThreadExtraInfo,1",
        "qXfer:features:read:target.xml:0,fff", "qXfer:threads:read::0,fff", "qRcmd,68656c70", "Qqemu.PhyMemMode:1", "qqemu.PhyMemMode",
        "QStartNoAckMode", "qAttached", "qOffsets", "!", "A", "b", "t", "x40000000,10",
    };

    private Machine machine;
    private Debugger debugger;
    private GdbStub stub;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeEach
    void machine() {
        VirtConfig config = VirtConfig.defaults().withCpus(2).withMemory(16L << 20);
        machine = new VirtBoard(config, b -> { }, (m, index, wiring) -> new Arm64Cpu(m, index, Arm64Config.defaults()
                .withFirmware(wiring.firmware()).withGic(wiring.gic(), wiring.interrupts()).withLevels(wiring.el2(), false))).machine();
        machine.cpu(0).powerOn(new TreeMap<>(Map.of("pc", 0x4000_0000L, "el", 1L)));
        debugger = new Debugger(machine, new Inbox(), true);
        Target target = new Arm64Target(machine.cpu(0));
        stub = new GdbStub(debugger, target, new MonitorCommands(machine, target, () -> "stage"), () -> { });
        stub.attach(out::writeBytes);
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private String ask(String data) {
        out.reset();
        stub.received(Packets.framed(data));
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private String mutated(SplittableRandom random, String seed) {
        StringBuilder s = new StringBuilder(seed);
        for (int n = random.nextInt(4); n >= 0; n--) {
            int at = random.nextInt(s.length() + 1);
            switch (random.nextInt(4)) {
                case 0 -> s.insert(at, (char) random.nextInt(256));
                case 1 -> s.setLength(at);
                case 2 -> s.insert(at, ",:;=ffffffff0-1".substring(random.nextInt(14)));
                default -> {
                    if (at < s.length()) {
                        s.setCharAt(at, (char) random.nextInt(256));
                    }
                }
            }
        }
        return s.toString();
    }

    /** What lets the machine go is left out: nobody would stop it again. */
    private static boolean runs(String packet) {
        return packet.startsWith("vCont;") || !packet.isEmpty() && "csCSDk".indexOf(packet.charAt(0)) >= 0;
    }

    @Test
    void answers_each_packet_and_goes_on() {
        SplittableRandom random = new SplittableRandom(20261126);
        for (int i = 0; i < ROUNDS; i++) {
            String packet = mutated(random, SEEDS[random.nextInt(SEEDS.length)]);
            if (runs(packet)) {
                continue;
            }
            String answer = ask(packet);
            assertTrue(answer.matches("(?s)\\+?(\\$.*#[0-9a-f]{2})+"), () -> "'" + packet + "' is answered by '" + answer + "'");
        }
        assertTrue(ask("qC").contains("$QC"));
        assertTrue(debugger.held());
    }

    @Test
    void passes_over_bytes_that_are_no_packets() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < ROUNDS; i++) {
            byte[] noise = new byte[random.nextInt(40)];
            random.nextBytes(noise);
            // A closing bracket of a packet that lets the machine go would need its checksum right: 1 in 256, and then a command.
            for (int k = 0; k < noise.length; k++) {
                noise[k] = noise[k] == '#' ? 0 : noise[k];
            }
            stub.received(noise);
        }
        assertTrue(ask("?").endsWith("$T05thread:1;core:0;#4b") || ask("?").contains("$T05thread:1;core:0;"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "m40000000,ffffffffff | E01",
        "m                    | E01",
        "mzz,4                | E01",
        "m8000000000,4        | E0e",
        "M40000000,5:00       | E01",
        "P                    | E01",
        "P0=00                | E02",
        "P21=cd030000         | E02",
        "p7fffffff            | E01",
        "Hg7                  | E02",
        "T9                   | E02",
        "Z0,40000000          | E01",
        "Z9,40000000,4        | ''",
        "qXfer:features:read:no.xml:0,10 | E00",
        "vCont;               | E01",
        "vCont;c:9            | E01",
        "vCont;r4:1           | E01",
        "qNothing             | ''",
    })
    void says_what_cannot_be_done(String packet, String answer) {
        assertEquals("+" + new String(Packets.framed(answer), StandardCharsets.US_ASCII), ask(packet));
    }
}
