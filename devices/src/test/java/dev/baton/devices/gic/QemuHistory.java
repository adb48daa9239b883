package dev.baton.devices.gic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.baton.devices.QemuGuest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A guest program that grows while our model does the same, and the values that both show. */
final class QemuHistory {
    private final StringBuilder program = new StringBuilder();
    private final List<String> steps = new ArrayList<>();
    private final List<Long> ours = new ArrayList<>();

    void append(String assembly) {
        program.append(assembly);
    }

    void store(long address, int size, long value) {
        String instruction = switch (size) {
            case 1 -> "strb w0";
            case 4 -> "str w0";
            default -> "str x0";
        };
        append("    imm x1, 0x%x\n    imm x0, 0x%x\n    %s, [x1]\n".formatted(address, value, instruction));
    }

    /** From here on their mask registers move the lines, as {@link #uartLine} and {@link #rtcLine} do. */
    void raiseTheRawInterruptsOfUartAndRtc() {
        append("""
                    imm x1, 0x09010000
                    mov w0, #5
                    str w0, [x1, #4]
                    str w0, [x1, #8]
                """);
    }

    /** UARTIMSC.TXIM: SPI 1. */
    void uartLine(boolean high) {
        store(0x0900_0038L, 4, high ? 0x20 : 0);
    }

    /** RTCIMSC: SPI 2. */
    void rtcLine(boolean high) {
        store(0x0901_0010L, 4, high ? 1 : 0);
    }

    /** What the program shows next must be this. */
    void expect(String step, long value) {
        steps.add(step);
        ours.add(value);
    }

    void compare(Path dir, String... qemuOptions) throws Exception {
        List<Long> theirs = QemuGuest.run(dir, program.toString(), qemuOptions);
        for (int i = 0; i < Math.min(theirs.size(), ours.size()); i++) {
            int at = i;
            assertEquals("%x".formatted(theirs.get(i)), "%x".formatted(ours.get(i)), () -> "step " + at + " after\n  "
                    + String.join("\n  ", steps.subList(Math.max(0, at - 40), at + 1)));
        }
        assertEquals(theirs.size(), ours.size());
    }
}
