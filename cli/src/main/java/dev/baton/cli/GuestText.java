package dev.baton.cli;

/** Text that a guest wrote, for people: control characters become {@code ?}, so that no guest commands a terminal. */
final class GuestText {
    private GuestText() { }

    static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
