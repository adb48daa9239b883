package dev.baton.cli;

/** Words with a colour, where colours are wanted. */
enum Style {
    PLAIN, COLOURED;

    private String in(String code, String text) {
        return this == COLOURED ? "\033[" + code + "m" + text + "\033[0m" : text;
    }

    String bold(String text) {
        return in("1", text);
    }

    String faint(String text) {
        return in("2", text);
    }

    String good(String text) {
        return in("32", text);
    }

    String bad(String text) {
        return in("31", text);
    }

    String warn(String text) {
        return in("33", text);
    }
}
