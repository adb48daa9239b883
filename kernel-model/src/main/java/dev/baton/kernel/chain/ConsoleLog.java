package dev.baton.kernel.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** What came out of the UART, as lines, with a mark at each generation. Keeps a bounded number of lines of bounded length. */
final class ConsoleLog implements IntConsumer {
    private static final int MAX_LINES = 200_000;
    private static final int MAX_LINE = 4096;

    private final List<String> lines = new ArrayList<>();
    private final StringBuilder line = new StringBuilder();
    private final Consumer<String> onLine;

    ConsoleLog(Consumer<String> onLine) {
        this.onLine = onLine;
    }

    @Override
    public void accept(int octet) {
        char c = (char) (octet & 0xff);
        if (c == '\n') {
            endLine();
        } else if (c != '\r' && line.length() < MAX_LINE) {
            line.append(c);
        }
    }

    private void endLine() {
        String text = line.toString();
        line.setLength(0);
        if (lines.size() < MAX_LINES) {
            lines.add(text);
        }
        onLine.accept(text);
    }

    /** Number of whole lines so far. */
    int mark() {
        return lines.size();
    }

    /** Lines from a mark on, with the one that has not ended if it has begun. */
    List<String> since(int mark) {
        List<String> some = new ArrayList<>(lines.subList(mark, lines.size()));
        if (!line.isEmpty()) {
            some.add(line.toString());
        }
        return some;
    }

    List<String> between(int from, int to) {
        return List.copyOf(lines.subList(from, to));
    }
}
