package dev.baton.arm64.engine;

/** The blocks of one physical page as it appears at one virtual page. */
final class CodePage {
    final CodeBytes bytes;
    /** Virtual address of the page. */
    final long va;
    final Block[] blocks = new Block[CodeBytes.WORDS];
    /** The fetch key under which the translation of {@link #va} to this page was last seen. */
    long key;

    CodePage(CodeBytes bytes, long va) {
        this.bytes = bytes;
        this.va = va;
    }
}
