package dev.baton.arm64.engine;

/** The blocks of one physical page as it appears at one virtual page. */
final class CodePage {
    final CodeBytes bytes;
    /** Virtual address of the page. */
    final long va;
    /** GP of its translation: indirect branches must land on what says so. */
    final boolean guarded;
    /** {@link #va} if every branch may go into the page without a look at the type of the branch, else no address. */
    final long open;
    final Block[] blocks = new Block[CodeBytes.WORDS];
    /** The fetch key under which the translation of {@link #va} to this page was last seen. */
    long key;

    CodePage(CodeBytes bytes, long va, boolean guarded) {
        this.bytes = bytes;
        this.va = va;
        this.guarded = guarded;
        open = guarded ? -1 : va;
    }

    /** It is what a fetch from {@link #va} has to find, if it is translated like this. */
    boolean is(long pa, boolean cacheable, boolean inGuarded) {
        return bytes.pa == pa && bytes.cacheable == cacheable && guarded == inGuarded && bytes.valid != 0;
    }
}
