package dev.baton.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** What of the wall time the launcher took and what the JVM: the launcher leaves the moment at which it became the JVM. */
final class StartTimes {
    private StartTimes() { }

    /** One line, empty when the launcher did not say. */
    static String line() {
        String exec = System.getenv("BATON_EXEC_TIME");
        Instant process = ProcessHandle.current().info().startInstant().orElse(null);
        if (exec == null || process == null || !exec.matches("[0-9]+[.,][0-9]{6}")) {
            return "";
        }
        String[] parts = exec.split("[.,]");
        Instant jvm = Instant.ofEpochSecond(Long.parseLong(parts[0]), Long.parseLong(parts[1]) * 1000);
        Instant now = Instant.now();
        return String.format(Locale.ROOT, "wall time %.2f s: launcher %.2f s, JVM %.2f s", seconds(process, now), seconds(process, jvm),
                seconds(jvm, now));
    }

    private static double seconds(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toNanos()) / 1e9;
    }
}
