package dev.baton.arm64.engine;

/** A whole block as the jump that ends it: what {@link Translator} makes. */
abstract class TranslatedBlock extends Jump {
    private final Jump last;

    TranslatedBlock(Jump last) {
        this.last = last;
        at = last.at;
    }

    @Override
    public final DirectJump linking() {
        return last.linking();
    }
}
