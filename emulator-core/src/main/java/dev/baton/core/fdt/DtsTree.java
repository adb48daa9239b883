package dev.baton.core.fdt;

import dev.baton.core.fdt.DtsLexer.Token;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a source text says, on its way to bytes: merged and deleted as livetree.c of dtc 1.6.1 does, checked and resolved as its
 * checks.c, laid out as its flattree.c. What is deleted stays in its place, marked, because dtc puts it there again when it comes back.
 */
final class DtsTree {
    private static final String NODE_CHARACTERS = ",._+-@";
    private static final String PROPERTY_CHARACTERS = ",._+*#?-";

    private final DtsLexer lexer;
    final List<FdtReservation> reservations = new ArrayList<>();
    boolean plugin;
    private Node root;
    private int fragments;
    private int bootCpuid;
    private final Set<Integer> phandles = new HashSet<>();
    private int nextPhandle = 1;
    /** The nodes of all labels, once the text is read; null before. */
    private Map<String, Node> labels;

    DtsTree(DtsLexer lexer) {
        this.lexer = lexer;
    }

    /** A reference to a node, whose phandle or path belongs at an offset of a value. */
    private record Reference(int offset, boolean path, Token token) {
        Reference moved(int by) {
            return new Reference(offset + by, path, token);
        }
    }

    private static final class Label {
        final String name;
        boolean deleted;

        Label(String name) {
            this.name = name;
        }
    }

    static final class Property {
        final Token token;
        final String name;
        boolean deleted;
        private byte[] buffer = new byte[0];
        private int length;
        private List<Reference> references = new ArrayList<>();

        Property(Token name) {
            this(name, name.text());
        }

        private Property(Token token, String name) {
            this.token = token;
            this.name = name;
        }

        static Property deleted(Token name) {
            Property property = new Property(name);
            property.deleted = true;
            return property;
        }

        void append(byte[] bytes) {
            if (length + bytes.length > buffer.length) {
                buffer = Arrays.copyOf(buffer, 2 * buffer.length + bytes.length);
            }
            System.arraycopy(bytes, 0, buffer, length, bytes.length);
            length += bytes.length;
        }

        private byte[] value() {
            if (buffer.length != length) {
                buffer = Arrays.copyOf(buffer, length);
            }
            return buffer;
        }

        private void take(Property other) {
            buffer = other.buffer;
            length = other.length;
            references = other.references;
        }

        void reference(Token target, boolean path) {
            references.add(new Reference(length, path, target));
            if (!path) {
                append(FdtWriter.cellBytes(-1));
            }
        }

        /** Puts a path where {@code references.get(i)} stands; what follows moves. */
        private void insert(int i, byte[] path) {
            int at = references.get(i).offset;
            byte[] tail = Arrays.copyOfRange(buffer, at, length);
            length = at;
            append(path);
            append(tail);
            for (int j = i + 1; j < references.size(); j++) {
                references.set(j, references.get(j).moved(path.length));
            }
        }
    }

    static final class Node {
        final String name;
        final Token token;
        final List<Property> properties = new ArrayList<>();
        final List<Node> children = new ArrayList<>();
        private final List<Label> labels = new ArrayList<>();
        private Node parent;
        private boolean deleted;
        private int phandle;

        Node(String name, Token token) {
            this.name = name;
            this.token = token;
        }

        static Node deleted(Token name) {
            Node node = new Node(name.text(), name);
            node.deleted = true;
            return node;
        }

        Node add(Node child) {
            child.parent = this;
            children.add(child);
            return child;
        }

        void addLabel(String label) {
            for (Label l : labels) {
                if (l.name.equals(label)) {
                    l.deleted = false;
                    return;
                }
            }
            labels.addFirst(new Label(label));
        }

        void delete() {
            deleted = true;
            live(children).forEach(Node::delete);
            properties.forEach(p -> p.deleted = true);
            labels.forEach(l -> l.deleted = true);
        }

        void merge(Node other) {
            deleted = false;
            other.labels.forEach(l -> addLabel(l.name));
            for (Property property : other.properties) {
                mergeProperty(property);
            }
            for (Node child : other.children) {
                mergeChild(child);
            }
        }

        private void mergeProperty(Property property) {
            for (Property old : properties) {
                if (old.name.equals(property.name)) {
                    old.deleted = property.deleted;
                    if (!property.deleted) {
                        old.take(property);
                    }
                    return;
                }
            }
            if (!property.deleted) {
                properties.add(property);
            }
        }

        private void mergeChild(Node child) {
            for (Node old : children) {
                if (old.name.equals(child.name)) {
                    if (child.deleted) {
                        old.delete();
                    } else {
                        old.merge(child);
                    }
                    return;
                }
            }
            if (!child.deleted) {
                add(child);
            }
        }

        private static List<Node> live(List<Node> nodes) {
            return nodes.stream().filter(n -> !n.deleted).toList();
        }

        private List<Node> liveChildren() {
            return live(children);
        }

        private List<Property> liveProperties() {
            return properties.stream().filter(p -> !p.deleted).toList();
        }

        private List<Label> liveLabels() {
            return labels.stream().filter(l -> !l.deleted).toList();
        }

        private Node liveChild(String childName) {
            for (Node child : children) {
                if (!child.deleted && child.name.equals(childName)) {
                    return child;
                }
            }
            return null;
        }

        private Property liveProperty(String propertyName) {
            for (Property property : properties) {
                if (!property.deleted && property.name.equals(propertyName)) {
                    return property;
                }
            }
            return null;
        }

        private String path() {
            return parent == null ? "/" : parent.parent == null ? "/" + name : parent.path() + "/" + name;
        }

        private String baseName() {
            int unit = name.indexOf('@');
            return unit < 0 ? name : name.substring(0, unit);
        }
    }

    // Building

    Node root() {
        return root;
    }

    void addRoot(Node node) {
        if (root == null) {
            root = node;
        } else {
            root.merge(node);
        }
    }

    /** In a plugin, content for a node that is not in this text becomes a fragment. */
    void addFragment(Token target, Node content) {
        if (root == null) {
            root = new Node("", target);
        }
        Node fragment = new Node("fragment@" + fragments++, target);
        boolean byPath = target.text().startsWith("/");
        Property property = new Property(target, byPath ? "target-path" : "target");
        if (byPath) {
            property.append(FdtWriter.stringList(target.text()));
        } else {
            property.reference(target, false);
        }
        fragment.properties.add(property);
        Node overlay = new Node("__overlay__", content.token);
        overlay.merge(content);
        fragment.add(overlay);
        root.add(fragment);
    }

    /** The node of a label or an absolute path; null if there is none. */
    Node find(String reference) {
        return reference.startsWith("/") ? byPath(reference) : labels != null ? labels.get(reference) : byLabel(root, reference);
    }

    Node existing(Token reference) {
        Node node = root == null ? null : find(reference.text());
        if (node == null) {
            throw lexer.error(reference, "expected a label or path of a node, found " + reference.described());
        }
        return node;
    }

    private Node byPath(String path) {
        Node node = root;
        for (String component : path.split("/")) {
            if (node != null && !component.isEmpty()) {
                node = node.liveChild(component);
            }
        }
        return node;
    }

    private static Node byLabel(Node node, String label) {
        for (Label l : node.labels) {
            if (!l.deleted && l.name.equals(label)) {
                return node;
            }
        }
        for (Node child : node.children) {
            Node found = child.deleted ? null : byLabel(child, label);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    // Checking and resolving

    byte[] compile(boolean symbols) {
        if (root.deleted) {
            throw lexer.error(root.token, "expected a root node, found it deleted");
        }
        bootCpuid = guessBootCpuid();
        labels = new HashMap<>();
        check(root);
        explicitPhandles(root);
        phandleReferences(root);
        pathReferences(root);
        if (symbols && anyLabel(root)) {
            addSymbols(rootChild("__symbols__"), root);
        }
        if (plugin) {
            addFixups();
        }
        return new Blob().write();
    }

    /** The {@code reg} of the first CPU, deleted or not, if it is one cell. */
    private int guessBootCpuid() {
        Node cpus = root.liveChild("cpus");
        Property reg = cpus == null || cpus.children.isEmpty() ? null : cpus.children.getFirst().liveProperty("reg");
        return reg == null || reg.length != 4 ? 0 : FdtLayout.be32(reg.value(), 0);
    }

    private void check(Node node) {
        for (Label label : node.liveLabels()) {
            Node other = labels.putIfAbsent(label.name, node);
            if (other != null) {
                throw lexer.error(node.token, "label '%s' is already that of '%s'".formatted(label.name, other.path()));
            }
        }
        Set<String> names = new HashSet<>();
        for (Property property : node.liveProperties()) {
            checkName(property.token, property.name, PROPERTY_CHARACTERS);
            if (!names.add(property.name)) {
                throw lexer.error(property.token, "property '%s' is already in '%s'".formatted(property.name, node.path()));
            }
        }
        checkNameProperty(node);
        names.clear();
        for (Node child : node.liveChildren()) {
            checkName(child.token, child.name, NODE_CHARACTERS);
            if (child.name.indexOf('@') != child.name.lastIndexOf('@')) {
                throw lexer.error(child.token, "expected at most one '@' in a node name, found '%s'".formatted(child.name));
            }
            if (!names.add(child.name)) {
                throw lexer.error(child.token, "node '%s' is already in '%s'".formatted(child.name, node.path()));
            }
            check(child);
        }
    }

    private void checkName(Token at, String name, String others) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letterOrDigit = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!letterOrDigit && others.indexOf(c) < 0) {
                throw lexer.error(at, "expected letters, digits and %s in a name, found '%c' in '%s'".formatted(others, c, name));
            }
        }
    }

    /** A property {@code name} may only repeat the node's name, and is left out. */
    private void checkNameProperty(Node node) {
        Property name = node.liveProperty("name");
        if (name == null) {
            return;
        }
        if (!Arrays.equals(name.value(), FdtWriter.stringList(node.baseName()))) {
            throw lexer.error(name.token, "expected property 'name' to be \"%s\"".formatted(node.baseName()));
        }
        name.deleted = true;
    }

    private void explicitPhandles(Node node) {
        int phandle = explicitPhandle(node, "phandle");
        int legacy = explicitPhandle(node, "linux,phandle");
        if (phandle != 0 && legacy != 0 && phandle != legacy) {
            throw lexer.error(node.token, "expected 'phandle' and 'linux,phandle' to be the same in '%s'".formatted(node.path()));
        }
        node.phandle = phandle != 0 ? phandle : legacy;
        if (node.phandle != 0 && !phandles.add(node.phandle)) {
            throw lexer.error(node.token, "phandle 0x%x of '%s' is already in use".formatted(node.phandle, node.path()));
        }
        node.liveChildren().forEach(this::explicitPhandles);
    }

    /** 0 when the property is absent or a reference to its own node, which means: allocate one. */
    private int explicitPhandle(Node node, String name) {
        Property property = node.liveProperty(name);
        if (property == null) {
            return 0;
        }
        if (property.length != 4) {
            throw lexer.error(property.token, "expected '%s' to be one cell, found %d bytes".formatted(name, property.length));
        }
        for (Reference reference : property.references) {
            if (find(reference.token.text()) != node) {
                throw lexer.error(reference.token, "expected '%s' to be a number or a reference to its own node".formatted(name));
            }
            return 0;
        }
        int phandle = FdtLayout.be32(property.value(), 0);
        if (phandle == 0 || phandle == -1) {
            throw lexer.error(property.token, "expected '%s' to be neither 0 nor -1".formatted(name));
        }
        return phandle;
    }

    private void phandleReferences(Node node) {
        for (Property property : node.liveProperties()) {
            for (Reference reference : property.references) {
                if (!reference.path) {
                    Node target = plugin ? find(reference.token.text()) : existing(reference.token);
                    FdtLayout.be32(property.value(), reference.offset, target == null ? -1 : phandle(target));
                }
            }
        }
        node.liveChildren().forEach(this::phandleReferences);
    }

    private int phandle(Node node) {
        if (node.phandle == 0) {
            while (!phandles.add(nextPhandle)) {
                nextPhandle++;
            }
            node.phandle = nextPhandle;
            if (node.liveProperty("phandle") == null) {
                Property property = new Property(node.token, "phandle");
                property.append(FdtWriter.cellBytes(nextPhandle));
                node.properties.add(property);
            }
        }
        return node.phandle;
    }

    private void pathReferences(Node node) {
        for (Property property : node.liveProperties()) {
            for (int i = 0; i < property.references.size(); i++) {
                Reference reference = property.references.get(i);
                if (reference.path) {
                    property.insert(i, FdtWriter.stringList(existing(reference.token).path()));
                }
            }
        }
        node.liveChildren().forEach(this::pathReferences);
    }

    // Symbols and fixups

    private Node rootChild(String name) {
        Node node = root.liveChild(name);
        return node != null ? node : root.add(new Node(name, root.token));
    }

    private static boolean anyLabel(Node node) {
        return !node.labels.isEmpty() || node.liveChildren().stream().anyMatch(DtsTree::anyLabel);
    }

    private void addSymbols(Node symbols, Node node) {
        for (Label label : node.liveLabels()) {
            if (symbols.liveProperty(label.name) == null) {
                append(symbols, label.name, FdtWriter.stringList(node.path()));
            }
        }
        // A label that was deleted with its node and not given again still earns the node a phandle.
        if (!node.labels.isEmpty()) {
            phandle(node);
        }
        node.liveChildren().forEach(child -> addSymbols(symbols, child));
    }

    private void addFixups() {
        if (anyReference(root, false)) {
            addFixups(rootChild("__fixups__"), root);
        }
        if (anyReference(root, true)) {
            addLocalFixups(rootChild("__local_fixups__"), root);
        }
    }

    private boolean anyReference(Node node, boolean local) {
        return node.liveProperties().stream().anyMatch(p -> !phandleReferences(p, local).isEmpty())
                || node.liveChildren().stream().anyMatch(child -> anyReference(child, local));
    }

    private List<Reference> phandleReferences(Property property, boolean local) {
        return property.references.stream().filter(r -> !r.path && find(r.token.text()) != null == local).toList();
    }

    private void addFixups(Node fixups, Node node) {
        for (Property property : node.liveProperties()) {
            for (Reference reference : phandleReferences(property, false)) {
                append(fixups, reference.token.text(),
                        FdtWriter.stringList("%s:%s:%d".formatted(node.path(), property.name, reference.offset)));
            }
        }
        node.liveChildren().forEach(child -> addFixups(fixups, child));
    }

    private void addLocalFixups(Node fixups, Node node) {
        for (Property property : node.liveProperties()) {
            for (Reference reference : phandleReferences(property, true)) {
                append(sameNode(fixups, node), property.name, FdtWriter.cellBytes(reference.offset));
            }
        }
        node.liveChildren().forEach(child -> addLocalFixups(fixups, child));
    }

    /** The node under {@code fixups} at the place that {@code node} has under the root. */
    private static Node sameNode(Node fixups, Node node) {
        if (node.parent == null) {
            return fixups;
        }
        Node parent = sameNode(fixups, node.parent);
        Node same = parent.liveChild(node.name);
        return same != null ? same : parent.add(new Node(node.name, node.token));
    }

    private static void append(Node node, String name, byte[] value) {
        Property property = node.liveProperty(name);
        if (property == null) {
            property = new Property(node.token, name);
            node.properties.add(property);
        }
        property.append(value);
    }

    // Layout

    /** The bytes: header, reservations at 0x28, structure, and the strings in order of first use, a name that ends another inside it. */
    private final class Blob {
        private byte[] b = new byte[4096];
        private int end = FdtLayout.HEADER_SIZE;
        private byte[] strings = new byte[256];
        private int stringsSize;
        private final Map<String, Integer> stringOffsets = new HashMap<>();

        byte[] write() {
            reservations.forEach(r -> reservation(r.address(), r.size()));
            reservation(0, 0);
            int structure = end;
            node(root);
            word(FdtLayout.END);
            byte[] dtb = Arrays.copyOf(b, end + stringsSize);
            System.arraycopy(strings, 0, dtb, end, stringsSize);
            int[] header = {FdtLayout.MAGIC, dtb.length, structure, end, FdtLayout.HEADER_SIZE, FdtLayout.LAST_SUPPORTED_VERSION,
                FdtLayout.LAST_COMPATIBLE_VERSION, bootCpuid, stringsSize, end - structure};
            for (int i = 0; i < header.length; i++) {
                FdtLayout.be32(dtb, 4 * i, header[i]);
            }
            return dtb;
        }

        private void node(Node node) {
            word(FdtLayout.BEGIN_NODE);
            byte[] name = FdtWriter.stringList(node.name);
            bytes(name);
            for (Property property : node.liveProperties()) {
                word(FdtLayout.PROP);
                word(property.length);
                word(stringOffset(property.name));
                bytes(property.value());
            }
            node.liveChildren().forEach(this::node);
            word(FdtLayout.END_NODE);
        }

        private int stringOffset(String name) {
            Integer known = stringOffsets.get(name);
            if (known != null) {
                return known;
            }
            int offset = stringsSize;
            byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
            stringsSize += bytes.length + 1;
            if (stringsSize > strings.length) {
                strings = Arrays.copyOf(strings, 2 * stringsSize);
            }
            System.arraycopy(bytes, 0, strings, offset, bytes.length);
            for (int i = 0; i < bytes.length; i++) {
                stringOffsets.putIfAbsent(name.substring(i), offset + i);
            }
            return offset;
        }

        private int grab(int length) {
            if (end + length > b.length) {
                b = Arrays.copyOf(b, 2 * b.length + length);
            }
            int at = end;
            end += length;
            return at;
        }

        private void word(int value) {
            int at = grab(4);
            FdtLayout.be32(b, at, value);
        }

        private void bytes(byte[] value) {
            int at = grab(FdtLayout.tagAlign(value.length));
            System.arraycopy(value, 0, b, at, value.length);
        }

        private void reservation(long address, long size) {
            int at = grab(FdtLayout.RESERVATION_SIZE);
            FdtLayout.be64(b, at, address);
            FdtLayout.be64(b, at + 8, size);
        }
    }
}
