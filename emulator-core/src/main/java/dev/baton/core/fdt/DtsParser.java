package dev.baton.core.fdt;

import dev.baton.core.fdt.DtsLexer.Kind;
import dev.baton.core.fdt.DtsLexer.Token;

import java.util.ArrayDeque;
import java.util.Deque;

/** Reads a source text, rule by rule of dtc-parser.y of dtc 1.6.1, whose names the methods have. */
final class DtsParser {
    private static final int MAX_PARENTHESES = 100;

    private final DtsLexer lexer;
    private Token token;
    private int depth;
    private int parentheses;

    DtsParser(String file, String source) {
        lexer = new DtsLexer(file, source);
        token = lexer.next();
    }

    // sourcefile: headers memreserves devicetree

    DtsTree parse() {
        DtsTree tree = new DtsTree(lexer);
        headers(tree);
        while (token.is("/memreserve/") || token.kind() == Kind.LABEL && tree.root() == null) {
            memreserve(tree);
        }
        do {
            devicetree(tree);
        } while (token.kind() != Kind.END);
        if (tree.root() == null) {
            throw lexer.error(token, "expected a root node '/ {', found the end of the text");
        }
        return tree;
    }

    private void headers(DtsTree tree) {
        do {
            expect("/dts-v1/");
            expect(";");
            if (accept("/plugin/")) {
                expect(";");
                tree.plugin = true;
            }
        } while (token.is("/dts-v1/"));
    }

    private void memreserve(DtsTree tree) {
        while (token.kind() == Kind.LABEL) {
            advance();
        }
        expect("/memreserve/");
        long address = integerPrim();
        Token at = token;
        long size = integerPrim();
        expect(";");
        if (size == 0) {
            throw lexer.error(at, "expected a reservation of at least one byte, found 0");
        }
        tree.reservations.add(new FdtReservation(address, size));
    }

    private void devicetree(DtsTree tree) {
        if (accept("/")) {
            tree.addRoot(nodedef("", token));
            return;
        }
        if (accept("/delete-node/")) {
            Token reference = expect(Kind.REFERENCE, "a reference");
            expect(";");
            tree.existing(reference).delete();
            return;
        }
        Token label = token.kind() == Kind.LABEL ? advance() : null;
        Token reference = expect(Kind.REFERENCE, "'/', a reference, or '/delete-node/'");
        DtsTree.Node content = nodedef("", token);
        DtsTree.Node target = tree.root() == null ? null : tree.find(reference.text());
        if (target == null && tree.plugin && label == null) {
            tree.addFragment(reference, content);
            return;
        }
        target = tree.existing(reference);
        if (label != null) {
            target.addLabel(label.text());
        }
        target.merge(content);
    }

    // nodedef: '{' proplist subnodes '}' ';'

    private DtsTree.Node nodedef(String name, Token at) {
        if (++depth > FdtTree.MAX_DEPTH) {
            throw lexer.error(token, "expected nodes at most %d deep".formatted(FdtTree.MAX_DEPTH));
        }
        DtsTree.Node node = new DtsTree.Node(name, at);
        expect("{");
        while (!token.is("}")) {
            member(node);
        }
        advance();
        expect(";");
        depth--;
        return node;
    }

    private void member(DtsTree.Node node) {
        Deque<String> labels = new ArrayDeque<>();
        while (token.kind() == Kind.LABEL) {
            labels.push(advance().text());
        }
        Token start = token;
        if (accept("/delete-property/")) {
            expectNoChildren(node, start);
            node.properties.add(DtsTree.Property.deleted(expect(Kind.NAME, "a property name")));
            expect(";");
        } else if (accept("/delete-node/")) {
            node.add(DtsTree.Node.deleted(expect(Kind.NAME, "a node name")));
            expect(";");
        } else {
            Token name = expect(Kind.NAME, "a property, a node or '}'");
            if (token.is("{")) {
                DtsTree.Node child = nodedef(name.text(), name);
                labels.forEach(child::addLabel);
                node.add(child);
            } else {
                expectNoChildren(node, start);
                node.properties.add(propdef(name));
            }
        }
    }

    private void expectNoChildren(DtsTree.Node node, Token at) {
        if (!node.children.isEmpty()) {
            throw lexer.error(at, "expected properties before nodes");
        }
    }

    private DtsTree.Property propdef(Token name) {
        DtsTree.Property property = new DtsTree.Property(name);
        if (accept("=")) {
            do {
                propdata(property);
            } while (accept(","));
        }
        expect(";");
        return property;
    }

    private void propdata(DtsTree.Property property) {
        skipLabels();
        Token start = token;
        if (token.kind() == Kind.STRING) {
            property.append(advance().bytes());
        } else if (token.kind() == Kind.REFERENCE) {
            property.reference(advance(), true);
        } else if (accept("[")) {
            bytestring(property);
        } else if (accept("/bits/")) {
            Token bits = expect(Kind.NUMBER, "8, 16, 32 or 64");
            if (bits.number() != 8 && bits.number() != 16 && bits.number() != 32 && bits.number() != 64) {
                throw lexer.error(bits, "expected elements of 8, 16, 32 or 64 bits, found %s".formatted(bits.text()));
            }
            expect("<");
            array(property, (int) bits.number());
        } else if (accept("<")) {
            array(property, 32);
        } else {
            throw lexer.error(start, "expected a string, '<', '[', '/bits/' or a reference, found " + start.described());
        }
        skipLabels();
    }

    private void skipLabels() {
        while (token.kind() == Kind.LABEL) {
            advance();
        }
    }

    private void bytestring(DtsTree.Property property) {
        while (!accept("]")) {
            skipLabels();
            if (!token.is("]")) {
                property.append(new byte[] {(byte) expect(Kind.BYTE, "two hex digits or ']'").number()});
            }
        }
    }

    private void array(DtsTree.Property property, int bits) {
        while (!accept(">")) {
            Token start = token;
            if (token.kind() == Kind.LABEL) {
                advance();
            } else if (token.kind() == Kind.REFERENCE) {
                if (bits != 32) {
                    throw lexer.error(start, "expected references only among elements of 32 bits");
                }
                property.reference(advance(), false);
            } else {
                element(property, bits, start);
            }
        }
    }

    private void element(DtsTree.Property property, int bits, Token start) {
        long value = integerPrim();
        long mask = bits == 64 ? -1 : (1L << bits) - 1;
        if (Long.compareUnsigned(value, mask) > 0 && (value | mask) != -1) {
            throw lexer.error(start, "expected a value of %d bits, found 0x%x".formatted(bits, value));
        }
        byte[] bytes = new byte[bits / 8];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (value >> bits - 8 - 8 * i);
        }
        property.append(bytes);
    }

    // integer_prim: DT_LITERAL | DT_CHAR_LITERAL | '(' integer_expr ')'

    private long integerPrim() {
        if (token.kind() == Kind.NUMBER || token.kind() == Kind.CHARACTER) {
            return advance().number();
        }
        if (!token.is("(")) {
            throw lexer.error(token, "expected a number or '(', found " + token.described());
        }
        advance();
        long value = integerExpr();
        expect(")");
        return value;
    }

    private long integerExpr() {
        if (++parentheses > MAX_PARENTHESES) {
            throw lexer.error(token, "expected at most %d operators nested in each other".formatted(MAX_PARENTHESES));
        }
        long condition = binary(0);
        long value = condition;
        if (accept("?")) {
            long then = integerExpr();
            expect(":");
            long otherwise = integerExpr();
            value = condition != 0 ? then : otherwise;
        }
        parentheses--;
        return value;
    }

    /** Binary operators from the loosest to the tightest. */
    private static final String[][] OPERATORS = {
        {"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<", ">", "<=", ">="}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"}};

    private long binary(int level) {
        if (level == OPERATORS.length) {
            return integerUnary();
        }
        long left = binary(level + 1);
        while (isOneOf(OPERATORS[level])) {
            Token operator = advance();
            left = apply(operator, left, binary(level + 1));
        }
        return left;
    }

    private boolean isOneOf(String[] operators) {
        for (String operator : operators) {
            if (token.is(operator)) {
                return true;
            }
        }
        return false;
    }

    private long apply(Token operator, long a, long b) {
        return switch (operator.text()) {
            case "||" -> truth(a != 0 || b != 0);
            case "&&" -> truth(a != 0 && b != 0);
            case "|" -> a | b;
            case "^" -> a ^ b;
            case "&" -> a & b;
            case "==" -> truth(a == b);
            case "!=" -> truth(a != b);
            case "<" -> truth(Long.compareUnsigned(a, b) < 0);
            case ">" -> truth(Long.compareUnsigned(a, b) > 0);
            case "<=" -> truth(Long.compareUnsigned(a, b) <= 0);
            case ">=" -> truth(Long.compareUnsigned(a, b) >= 0);
            case "<<" -> Long.compareUnsigned(b, 64) < 0 ? a << b : 0;
            case ">>" -> Long.compareUnsigned(b, 64) < 0 ? a >>> b : 0;
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> Long.divideUnsigned(a, divisor(operator, b));
            default -> Long.remainderUnsigned(a, divisor(operator, b));
        };
    }

    private long divisor(Token operator, long b) {
        if (b == 0) {
            throw lexer.error(operator, "expected a divisor other than 0");
        }
        return b;
    }

    private static long truth(boolean b) {
        return b ? 1 : 0;
    }

    private long integerUnary() {
        if (++parentheses > MAX_PARENTHESES) {
            throw lexer.error(token, "expected at most %d operators nested in each other".formatted(MAX_PARENTHESES));
        }
        long value = accept("-") ? -integerUnary() : accept("~") ? ~integerUnary() : accept("!") ? truth(integerUnary() == 0)
                : integerPrim();
        parentheses--;
        return value;
    }

    // Tokens

    private Token advance() {
        Token taken = token;
        token = lexer.next();
        return taken;
    }

    private boolean accept(String symbol) {
        if (token.is(symbol)) {
            advance();
            return true;
        }
        return false;
    }

    private void expect(String symbol) {
        if (!accept(symbol)) {
            throw lexer.error(token, "expected '%s', found %s".formatted(symbol, token.described()));
        }
    }

    private Token expect(Kind kind, String what) {
        if (token.kind() != kind) {
            throw lexer.error(token, "expected %s, found %s".formatted(what, token.described()));
        }
        return advance();
    }
}
