package dev.baton.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** What the host's kernel says of a process's memory (proc(5), {@code /proc/PID/status}). */
final class ProcessMemory {
    private static final String PEAK = "VmHWM:";

    private ProcessMemory() { }

    /**
     * Most bytes that were resident at once so far; nothing on a host without {@code /proc}, or of a process that has ended.
     *
     * @param process its number, or {@code self}
     */
    static OptionalLong peak(String process) {
        try {
            return peak(Files.readAllLines(Path.of("/proc", process, "status")));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** The line reads {@code VmHWM:     304812 kB}; a process that is ending has none. */
    private static OptionalLong peak(List<String> status) {
        return status.stream().filter(l -> l.startsWith(PEAK)).mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", "")) << 10).findFirst();
    }
}
