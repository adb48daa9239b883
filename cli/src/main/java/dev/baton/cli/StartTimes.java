package dev.baton.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** What of the wall time the launcher took and what the JVM: the launcher leaves the moment at which it became the JVM. */
final class StartTimes {
    /** Units of times in /proc: USER_HZ, the same on every Linux. */
    private static final double TICKS = 100;
    /** proc(5): field 22 of stat; the second may hold blanks and ends with the last parenthesis. */
    private static final int STARTTIME = 22;

    private StartTimes() { }

    /** One line, empty when the launcher did not say. */
    static String line() {
        String exec = System.getenv("BATON_EXEC_TIME");
        if (exec == null || !exec.matches("[0-9]+[.,][0-9]{6}")) {
            return "";
        }
        String[] parts = exec.split("[.,]");
        Instant jvm = Instant.ofEpochSecond(Long.parseLong(parts[0]), Long.parseLong(parts[1]) * 1000);
        double ran = Duration.between(jvm, Instant.now()).toNanos() / 1e9;
        double all = sinceStart();
        return Double.isNaN(all) ? "" : String.format(Locale.ROOT, "wall time %.2f s: launcher %.2f s, JVM %.2f s", Math.max(all, ran),
                Math.max(0, all - ran), ran);
    }

    /**
     * Seconds since the process began, to a hundredth, both ends by the clock since boot; NaN where there is no /proc. By
     * ProcessHandle the beginning comes from the time of boot, which was 0.12 s off on a virtual machine up for half a day.
     */
    private static double sinceStart() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            double uptime = Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]);
            return uptime - Long.parseLong(afterName[STARTTIME - 3]) / TICKS;
        } catch (IOException | RuntimeException e) {
            return Double.NaN;
        }
    }
}
