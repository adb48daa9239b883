package dev.baton.core.fdt;

import java.io.ByteArrayOutputStream;

/**
 * Tokens of the source language, as dtc-lexer.l of dtc 1.6.1 cuts them. What a run of characters is depends on where it stands: after
 * {@code {} or {@code ;} a name, after {@code [} pairs of hex digits, elsewhere a number.
 */
final class DtsLexer {
    /** Kinds of token; a punctuation mark or operator is SYMBOL with its text. */
    enum Kind { KEYWORD, LABEL, REFERENCE, NAME, NUMBER, CHARACTER, BYTE, STRING, SYMBOL, END }

    /**
     * A token.
     *
     * @param text its name or text; the target of a reference, a path or a label
     * @param number the value of a number, character or byte
     * @param bytes the value of a string, with its terminator
     */
    record Token(Kind kind, String text, long number, byte[] bytes, int line, int column) {
        boolean is(String symbolOrKeyword) {
            return (kind == Kind.SYMBOL || kind == Kind.KEYWORD) && text.equals(symbolOrKeyword);
        }

        String described() {
            return switch (kind) {
                case END -> "the end of the text";
                case STRING -> "a string";
                case REFERENCE -> "'&" + text + "'";
                case LABEL -> "'" + text + ":'";
                default -> "'" + text + "'";
            };
        }
    }

    private enum Mode { VALUE, NAME, BYTES }

    private static final String[] KEYWORDS = {"/dts-v1/", "/plugin/", "/memreserve/", "/bits/", "/delete-property/", "/delete-node/",
        "/omit-if-no-ref/", "/incbin/", "/include/"};
    private static final String[] OPERATORS = {"<<", ">>", "<=", ">=", "==", "!=", "&&", "||"};

    private final String file;
    private final String s;
    private int at;
    private int line = 1;
    private int lineStart;
    private Mode mode = Mode.VALUE;

    /** A text of Latin-1 characters, each a byte of the source. */
    DtsLexer(String file, String source) {
        this.file = file;
        this.s = source;
    }

    DtsException error(Token token, String sentence) {
        return new DtsException(file, token.line, token.column, sentence);
    }

    Token next() {
        skipBlanks();
        if (at == s.length()) {
            return token(Kind.END, "", 0, null, at);
        }
        char c = s.charAt(at);
        int labelEnd = identifierEnd(at);
        if (labelEnd > at && labelEnd < s.length() && s.charAt(labelEnd) == ':') {
            return token(Kind.LABEL, s.substring(at, labelEnd), 0, null, labelEnd + 1);
        }
        if (c == '"') {
            return string();
        }
        if (c == '\'') {
            return character();
        }
        if (c == '&') {
            Token reference = reference();
            if (reference != null) {
                return reference;
            }
        }
        if (c == '/') {
            Token keyword = keyword();
            if (keyword != null) {
                return keyword;
            }
        }
        return switch (mode) {
            case NAME -> name();
            case BYTES -> hexPair();
            case VALUE -> Character.isDigit(c) && c < 0x80 ? number() : symbol();
        };
    }

    private Token token(Kind kind, String text, long number, byte[] bytes, int end) {
        Token token = new Token(kind, text, number, bytes, line, at - lineStart + 1);
        for (; at < end; at++) {
            if (s.charAt(at) == '\n') {
                newLine();
            }
        }
        return token;
    }

    private void newLine() {
        line++;
        lineStart = at + 1;
    }

    private DtsException error(String sentence) {
        return new DtsException(file, line, at - lineStart + 1, sentence);
    }

    private void skipBlanks() {
        while (at < s.length()) {
            if (s.startsWith("/*", at)) {
                int end = s.indexOf("*/", at + 2);
                if (end < 0) {
                    throw error("expected '*/' after this '/*', found the end of the text");
                }
                token(Kind.SYMBOL, "", 0, null, end + 2);
            } else if (s.startsWith("//", at)) {
                int end = s.indexOf('\n', at);
                token(Kind.SYMBOL, "", 0, null, end < 0 ? s.length() : end);
            } else if (" \t\n\r\f\u000b".indexOf(s.charAt(at)) >= 0) {
                token(Kind.SYMBOL, "", 0, null, at + 1);
            } else {
                return;
            }
        }
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private int identifierEnd(int from) {
        if (from == s.length() || !isLetter(s.charAt(from))) {
            return from;
        }
        int end = from;
        while (end < s.length() && (isLetter(s.charAt(end)) || isDigit(s.charAt(end)))) {
            end++;
        }
        return end;
    }

    private static boolean isNameCharacter(char c) {
        return isLetter(c) || isDigit(c) || ",._+*#?@-".indexOf(c) >= 0;
    }

    private Token reference() {
        if (s.startsWith("&{/", at)) {
            int end = at + 2;
            while (end < s.length() && (isNameCharacter(s.charAt(end)) || s.charAt(end) == '/')) {
                end++;
            }
            if (end == s.length() || s.charAt(end) != '}') {
                throw error("expected a path and '}' after '&{'");
            }
            return token(Kind.REFERENCE, s.substring(at + 2, end), 0, null, end + 1);
        }
        int end = identifierEnd(at + 1);
        return end == at + 1 ? null : token(Kind.REFERENCE, s.substring(at + 1, end), 0, null, end);
    }

    private Token keyword() {
        for (String keyword : KEYWORDS) {
            if (s.startsWith(keyword, at)) {
                if (keyword.equals("/include/") || keyword.equals("/incbin/") || keyword.equals("/omit-if-no-ref/")) {
                    throw error("'%s' is not supported: expected a source text that is complete in itself".formatted(keyword));
                }
                mode = keyword.startsWith("/delete-") ? Mode.NAME : keyword.equals("/plugin/") ? mode : Mode.VALUE;
                return token(Kind.KEYWORD, keyword, 0, null, at + keyword.length());
            }
        }
        return null;
    }

    private Token name() {
        int from = s.charAt(at) == '\\' ? at + 1 : at;
        int end = from;
        while (end < s.length() && isNameCharacter(s.charAt(end))) {
            end++;
        }
        if (end == from) {
            return symbol();
        }
        mode = Mode.VALUE;
        return token(Kind.NAME, s.substring(from, end), 0, null, end);
    }

    private Token hexPair() {
        int high = Character.digit(s.charAt(at), 16);
        int low = at + 1 < s.length() ? Character.digit(s.charAt(at + 1), 16) : -1;
        if (s.charAt(at) == ']') {
            mode = Mode.VALUE;
            return symbol();
        }
        if (high < 0 || low < 0) {
            throw error("expected two hex digits or ']', found '%s'".formatted(s.charAt(at)));
        }
        return token(Kind.BYTE, s.substring(at, at + 2), high << 4 | low, null, at + 2);
    }

    private Token number() {
        int end = at;
        boolean hex = s.startsWith("0x", at) || s.startsWith("0X", at);
        for (end += hex ? 2 : 0; end < s.length() && Character.digit(s.charAt(end), hex ? 16 : 10) >= 0 && s.charAt(end) < 0x80;) {
            end++;
        }
        String digits = s.substring(hex ? at + 2 : at, end);
        int radix = hex ? 16 : digits.length() > 1 && digits.startsWith("0") ? 8 : 10;
        int suffix = end;
        while (suffix < s.length() && suffix < end + 3 && (s.charAt(suffix) == 'U' || s.charAt(suffix) == 'L')) {
            suffix++;
        }
        try {
            return token(Kind.NUMBER, s.substring(at, suffix), Long.parseUnsignedLong(digits, radix), null, suffix);
        } catch (NumberFormatException e) {
            throw error("expected a number below 2^64, found '%s'".formatted(s.substring(at, suffix)));
        }
    }

    private Token symbol() {
        for (String operator : OPERATORS) {
            if (s.startsWith(operator, at)) {
                return token(Kind.SYMBOL, operator, 0, null, at + 2);
            }
        }
        char c = s.charAt(at);
        if (c == '{' || c == ';') {
            mode = Mode.NAME;
        } else if (c == '[') {
            mode = Mode.BYTES;
        }
        return token(Kind.SYMBOL, String.valueOf(c), 0, null, at + 1);
    }

    private Token string() {
        int end = closing('"');
        byte[] value = unescaped(s.substring(at + 1, end) + "\0");
        return token(Kind.STRING, "", 0, value, end + 1);
    }

    private Token character() {
        int end = closing('\'');
        byte[] value = unescaped(s.substring(at + 1, end));
        if (value.length != 1) {
            throw error("expected one character between quotes, found %d".formatted(value.length));
        }
        return token(Kind.CHARACTER, s.substring(at, end + 1), value[0] & 0xff, null, end + 1);
    }

    private int closing(char quote) {
        for (int i = at + 1; i < s.length(); i++) {
            if (s.charAt(i) == '\\') {
                i++;
            } else if (s.charAt(i) == quote) {
                return i;
            }
        }
        throw error("expected a closing %s, found the end of the text".formatted(quote));
    }

    private byte[] unescaped(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < text.length();) {
            char c = text.charAt(i++);
            if (c == '\\') {
                i = escape(text, i, out);
            } else {
                out.write(c);
            }
        }
        return out.toByteArray();
    }

    /** Writes the character whose escape begins at {@code i}, after the backslash, and gives where the text goes on. */
    private int escape(String text, int i, ByteArrayOutputStream out) {
        char c = text.charAt(i);
        int simple = "abtnvfr".indexOf(c);
        if (simple >= 0) {
            out.write("\u0007\b\t\n\u000b\f\r".charAt(simple));
            return i + 1;
        }
        if (c != 'x' && (c < '0' || c > '7')) {
            out.write(c);
            return i + 1;
        }
        int radix = c == 'x' ? 16 : 8;
        int from = c == 'x' ? i + 1 : i;
        int end = from;
        int value = 0;
        while (end < text.length() && end < from + (radix == 16 ? 2 : 3) && Character.digit(text.charAt(end), radix) >= 0) {
            value = value * radix + Character.digit(text.charAt(end++), radix);
        }
        if (end == from) {
            throw error("expected hex digits after \\x");
        }
        out.write(value);
        return end;
    }
}
