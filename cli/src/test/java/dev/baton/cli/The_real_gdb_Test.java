package dev.baton.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@code gdb-multiarch} in batch mode, against a guest of a few instructions and against a chain of kernels. */
class The_real_gdb_Test {
    private static final Path GDB = Path.of("/usr/bin/gdb-multiarch");
    private static final long PATIENCE_SECONDS = 120;
    private static final long COUNTER = 0x4100_0000L;
    /** Where the code of an Image by {@link GuestProgram} begins. */
    private static final long CODE = 0x4020_0040L;
    private static final int TURNS = 1000;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private int port;
    private CompletableFuture<Integer> baton;
    private Process gdb;

    @BeforeEach
    void tool() throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(GDB), "needs gdb-multiarch");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void end() {
        if (gdb != null) {
            gdb.destroyForcibly();
        }
    }

    private void start(String... arguments) {
        PrintStream o = new PrintStream(out, true);
        PrintStream e = new PrintStream(err, true);
        baton = CompletableFuture.supplyAsync(() -> Main.run(arguments, o, e), r -> Thread.ofPlatform().daemon().start(r));
    }

    private void startGuest(GuestProgram program, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of("qemu-system-aarch64", "-M", "virt,gic-version=3", "-nographic", "-gdb",
                "tcp::" + port,
                "-kernel", program.image(folder.resolve("kernel")).toString()));
        words.addAll(List.of(more));
        start(words.toArray(new String[0]));
    }

    /** Increments a word {@link #TURNS} times, or for ever; the loop begins at its fifth instruction. */
    private static GuestProgram counts(boolean forEver) {
        GuestProgram p = new GuestProgram().mov(2, COUNTER);
        int loop = p.here();
        p.word(0xb940_0043).word(0x1100_0463).word(0xb900_0043);
        if (forEver) {
            return p.branchTo(loop);
        }
        p.word(0x7100_007f | TURNS << 10).word(0x5400_0001 | (loop - p.here() - 1 & 0x7_ffff) << 5);
        return p.print("counted\n").psci(GuestProgram.PSCI_SYSTEM_OFF);
    }

    private static final String LOAD = "*" + (CODE + 16);
    private static final String STORE = "*" + (CODE + 24);

    private Process gdb(String... commands) throws IOException {
        List<String> words = new ArrayList<>(List.of(GDB.toString(), "-batch", "-nx", "-ex", "set architecture aarch64", "-ex",
                "set tcp connect-timeout 60", "-ex", "target remote 127.0.0.1:" + port));
        for (String c : commands) {
            words.add("-ex");
            words.add(c);
        }
        gdb = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(folder.resolve("gdb.out").toFile()).start();
        gdb.getOutputStream().close();
        return gdb;
    }

    private String said() throws IOException {
        return Files.readString(folder.resolve("gdb.out"), StandardCharsets.UTF_8);
    }

    private String gdbSays(String... commands) throws IOException, InterruptedException {
        Process p = gdb(commands);
        assertTrue(p.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), () -> "gdb does not end; baton: " + err);
        return said();
    }

    private void has(String text, String... inOrder) {
        int at = 0;
        for (String words : inOrder) {
            int found = text.indexOf(words, at);
            assertTrue(found >= 0, () -> "expected '" + words + "' in its place in:\n" + text + "\nbaton: " + err);
            at = found + words.length();
        }
    }

    private int status() throws Exception {
        return baton.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void holds_a_machine_before_its_first_instruction_and_shows_it() throws Exception {
        startGuest(counts(false), "-S", "-smp", "2");
        String said = gdbSays("info threads", "info registers pc cpsr sctlr_el1", "stepi", "stepi", "p/x $x2", "p $v0.d.u[0]", "kill");
        has(said, "CPU#0 running", "CPU#1 off", "0x40200000", "EL=1", "sctlr_el1", "0x0000000040200040", "0x0000000040200044",
                "$1 = 0x0", "$2 = ");
        assertEquals(0, status());
    }

    @Test
    void says_which_kernel_runs_while_user_space_does() throws Exception {
        // SPSR_EL1, ELR_EL1 and ERET: to an endless loop at EL0.
        GuestProgram p = new GuestProgram().mov(4, CODE + 44).mov(5, 0).word(0xd518_4005).word(0xd518_4024).word(0xd69f_03e0);
        startGuest(p.branchTo(p.here()), "-S");
        has(gdbSays("stepi 14", "info registers pc cpsr", "monitor stage", "p/x $pc", "kill"), "0x4020006c", "EL=0", "generation 1",
                "running", "$1 = 0x4020006c");
        assertEquals(0, status());
    }

    @Test
    void stops_at_breakpoints_of_both_kinds_and_steps_over_them() throws Exception {
        startGuest(counts(false), "-S");
        String said = gdbSays("hbreak " + LOAD, "continue", "p/x $x2", "stepi", "stepi", "p $x3", "continue", "p $x3", "delete",
                "break " + STORE,
                "continue", "continue", "p $x3", "delete", "continue");
        has(said, "Breakpoint 1, ", "$1 = 0x41000000", "$2 = 1", "Breakpoint 1, ", "$3 = 1", "Breakpoint 2, ", "Breakpoint 2, ", "$4 = 3",
                "exited normally");
        assertEquals(0, status());
        assertEquals("counted\n", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void stops_at_watchpoints_of_each_kind() throws Exception {
        startGuest(counts(false), "-S");
        String said = gdbSays("watch *(int *) 0x41000000", "continue", "continue", "delete", "rwatch *(int *) 0x41000000",
                "continue", "delete",
                "awatch *(int *) 0x41000000", "continue", "continue", "delete", "watch *(int *) 0x41000004", "continue");
        has(said, "Hardware watchpoint 1", "Old value = 0", "New value = 1", "Old value = 1", "New value = 2",
                "Hardware read watchpoint 2", "Value = 2", "Hardware access (read/write) watchpoint 3", "Old value = 2", "New value = 3",
                "Value = 3", "Hardware watchpoint 4", "exited normally");
        assertEquals(0, status());
        assertEquals("counted\n", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void reads_and_writes_memory_and_registers() throws Exception {
        startGuest(counts(false), "-S");
        String said = gdbSays("hbreak " + LOAD, "continue", "set *(int *) 0x41000000 = 990", "p *(int *) 0x41000000",
                "p/x *(int *) 0x9000018",
                "maintenance packet Qqemu.PhyMemMode:1", "p *(int *) 0x41000000", "x/2i " + LOAD.substring(1), "set $x5 = 0x1234",
                        "p/x $x5",
                "x/x 0xb000000", "set $tpidr_el1 = 77", "p $tpidr_el1", "set $v3.d.u[1] = 0x55", "p $v3.d.u[1]", "continue",
                        "continue", "p $x3",
                "delete", "continue");
        has(said, "$1 = 990", "$2 = 0x90", "OK", "$3 = 990", "ldr", "add", "$4 = 0x1234", "Cannot access memory at address 0xb000000",
                "$5 = 77", "$6 = 85", "$7 = 992",
                "exited normally");
        assertEquals("counted\n", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void interrupts_detaches_and_comes_back() throws Exception {
        startGuest(counts(true));
        Process p = gdb("echo connected\\n", "continue", "p $x2", "info registers pc", "detach");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!said().contains("connected")) {
            assertTrue(System.nanoTime() < end && p.isAlive(), this::err);
            TimeUnit.MILLISECONDS.sleep(20);
        }
        do {
            // Until it lands after 'continue': an interrupt before it does nothing but stop the stopped.
            new ProcessBuilder("sh", "-c", "kill -INT " + p.pid()).start().waitFor();
        } while (!p.waitFor(500, TimeUnit.MILLISECONDS));
        has(said(), "SIGINT", "$1 = 1090519040", "detached");
        String again = gdbSays("p *(int *) 0x41000000 > 0", "monitor stage", "monitor tlb 41000000", "monitor cache 0x41000000",
                "monitor findings", "monitor nonsense", "kill");
        has(again, "$1 = 1", "boot 1 by firmware", "0x41000000 -> 0x41000000, Device", "caches", "memory", "none",
                "unknown command 'nonsense'");
        assertEquals(0, status());
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void follows_a_chain_through_its_hand_overs_with_breakpoints_in_place() throws Exception {
        start("run", "arm64-kho-three-kernels", "--gdb", String.valueOf(port));
        // In dispatch of the modelled kernel, which is at the same virtual address in each generation; and where the second begins.
        String said = gdbSays("monitor stage", "hbreak *0xffff800080003794", "continue", "monitor stage", "disable", "hbreak *0x5e000000",
                "continue", "p/x $x0", "monitor stage", "enable 1", "continue", "monitor stage", "delete", "continue");
        has(said, "no kernel", "Breakpoint 1, 0xffff800080003794", "generation 1, kernel 'first'", "Breakpoint 2, 0x000000005e000000",
                "$1 = 0x5f200000", "generation 2, kernel 'second'", "Breakpoint 1, 0xffff800080003794", "generation 2",
                        "exited normally");
        assertEquals(0, status());
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("PASSED"), out::toString);
    }
}
