package dev.baton.cli;

/** Text that a guest wrote, for people: control characters become {@code ?}, so that no guest commands a terminal. */
final class GuestText {
    private GuestText() { }

    /** As {@link #printable}, but lines stay lines. */
    static String printableLines(String text) {
        return text.replaceAll("[^\\x20-\\x7e\\n]", "?");
    }

    static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
