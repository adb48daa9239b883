package dev.baton.kernel.chain;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The chains that come with Baton, by name. */
public final class BuiltInChains {
    private static final List<String> NAMES = List.of("arm64-kho-three-kernels", "arm64-kho-append-bug", "arm64-missing-clean",
            "arm64-mmu-on-relocation", "arm64-spin-table", "arm64-hundred-kexecs", "arm64-real-linux");

    private BuiltInChains() { }

    /** In the order in which to show them. */
    public static List<String> names() {
        return NAMES;
    }

    /** The document of a built-in chain. @throws ChainException if there is none of that name */
    public static ChainFile read(String name) {
        if (!NAMES.contains(name)) {
            throw new ChainException("chain '%s': no such file, and the built-in chains are %s".formatted(name, String.join(", ", NAMES)));
        }
        try (InputStream in = BuiltInChains.class.getResourceAsStream("/dev/baton/kernel/chain/" + name + ".yaml")) {
            return ChainFile.parse(name + ".yaml", null, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
