package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Baton in a process of its own at a pseudo-terminal, made by {@code script} of util-linux. */
class The_terminal_Test {
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final long PATIENCE_SECONDS = 120;
    private static final int CTRL_A = 1;
    private static final int CTRL_C = 3;

    @TempDir
    Path folder;

    private Process process;
    private OutputStream keyboard;

    @BeforeEach
    void tool() {
        Assumptions.assumeTrue(Files.isExecutable(SCRIPT), "needs /usr/bin/script");
    }

    @AfterEach
    void end() {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Starts the guest, whose first word is {@code ready}, with the terminal's settings noted before and after. */
    private void start(GuestProgram guest, String serial) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        // Signals as a terminal leaves them, not as somebody who runs the tests without one (nohup) does.
        String baton = "exec env --default-signal=HUP,INT,TERM '" + java
                + "' --add-exports java.base/jdk.internal.misc=ALL-UNNAMED --enable-native-access=ALL-UNNAMED -cp '"
                + System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                + "' dev.baton.cli.Main qemu-system-aarch64 -M virt,gic-version=3 -nographic -serial " + serial + " -kernel '"
                + guest.image(folder.resolve("kernel")) + "'";
        Files.writeString(folder.resolve("baton.sh"), "echo $$ >'" + folder + "/pid'\n" + baton + "\n");
        Files.writeString(folder.resolve("run.sh"), """
                trap : INT
                cd '%s'
                stty -g >before
                sh baton.sh
                echo $? >status.new
                stty -g >after
                mv status.new status
                """.formatted(folder));
        ProcessBuilder b = new ProcessBuilder(SCRIPT.toString(), "-qefc", "sh '" + folder + "/run.sh'", folder + "/typescript");
        b.environment().put("BATON_STDIN_TTY", "1");
        b.redirectErrorStream(true).redirectOutput(folder.resolve("screen").toFile());
        process = b.start();
        keyboard = process.getOutputStream();
        await("ready");
    }

    private String screen() throws IOException {
        return Files.exists(folder.resolve("screen")) ? Files.readString(folder.resolve("screen"), StandardCharsets.ISO_8859_1) : "";
    }

    private void await(String words) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!screen().contains(words)) {
            assertTrue(System.nanoTime() < end && process.isAlive(),
                    () -> "no '" + words + "' on the screen in " + PATIENCE_SECONDS + " s");
            Thread.onSpinWait();
            java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
        }
    }

    private void type(int... keys) throws IOException {
        for (int k : keys) {
            keyboard.write(k);
        }
        keyboard.flush();
    }

    private void endsWith(int status) throws IOException, InterruptedException {
        assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "still running");
        assertEquals(String.valueOf(status), Files.readString(folder.resolve("status")).strip(), this::screenOrReason);
        assertEquals(Files.readString(folder.resolve("before")), Files.readString(folder.resolve("after")), "the terminal's settings");
    }

    private String screenOrReason() {
        try {
            return screen();
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Enables the UART, says it is ready, and answers each byte with itself and a dot; a {@code q} powers the machine off. */
    private static GuestProgram echo() {
        GuestProgram p = new GuestProgram().print("ready").mov(0, 0x301).word(0xb900_3020).mov(4, '.');
        int poll = p.here();
        p.word(0xb940_1822).word(0x3720_0002 | (poll - p.here() - 1 & 0x3fff) << 5).word(0xb940_0023).word(0x3900_0023).word(0x3900_0024);
        p.word(0x7101_c47f).word(0x5400_0001 | (poll - p.here() - 1 & 0x7_ffff) << 5);
        return p.psci(GuestProgram.PSCI_SYSTEM_OFF);
    }

    @Test
    void is_raw_while_a_guest_runs_and_as_before_when_it_has_powered_off() throws Exception {
        start(echo(), "mon:stdio");
        type('a', 'b');
        await("a.b.");
        type(CTRL_C, CTRL_A, CTRL_A);
        await("b.\003.\001.");
        type('q');
        endsWith(0);
    }

    @Test
    void leaves_at_the_key_for_it_and_has_a_monitor_and_help() throws Exception {
        start(echo(), "mon:stdio");
        type(CTRL_A, 'h');
        await("Ctrl-A x    quit");
        type(CTRL_A, 'c');
        await("(baton) ");
        for (char c : "info registers\r".toCharArray()) {
            type(c);
        }
        await("pstate=");
        type(CTRL_A, 'c', 'z');
        await("z.");
        type(CTRL_A, 'x');
        endsWith(0);
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
    void is_restored_at_the_signal(String signal, int status) throws Exception {
        start(echo(), "mon:stdio");
        String pid = Files.readString(folder.resolve("pid")).strip();
        assertEquals(0, new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid).start().waitFor());
        endsWith(status);
    }

    @Test
    void has_signals_on_its_keys_without_the_monitor_as_in_QEMU() throws Exception {
        start(echo(), "stdio");
        type(CTRL_C);
        endsWith(130);
    }

    @Test
    void is_restored_when_no_CPU_will_run_again() throws Exception {
        start(new GuestProgram().print("ready").psci(0x8400_0002), "mon:stdio");
        type(CTRL_A, 'x');
        endsWith(0);
    }
}
