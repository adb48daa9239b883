package dev.baton.core.mem;

/** A holder of decoded instructions: told when the bytes behind them change, in either view. */
public interface CodeWatcher {
    /** Bytes [pa, pa + size) were stored to, or written back, in {@code view}. */
    void codeChanged(long pa, long size, View view);
}
