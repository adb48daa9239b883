package dev.baton.cli.console;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The terminal at standard input, raw: every key comes at once and unechoed. {@code termios} by two calls of the C library and
 * {@code cfmakeraw}, which knows its layout; only that its flags are the first four words has to be known here (POSIX.1 names them
 * c_iflag, c_oflag, c_cflag, c_lflag, and every system has them in this order).
 *
 * <p>A shutdown hook restores it, so that the end by exception, SIGINT, SIGTERM or SIGHUP restores it too; SIGKILL cannot be caught.
 */
public final class RawTerminal implements AutoCloseable {
    private static final int STDIN = 0;
    private static final int TCSANOW = 0;
    /** More than any system's struct termios. */
    private static final int TERMIOS_ROOM = 256;
    private static final boolean MAC = System.getProperty("os.name").startsWith("Mac");
    /** Of {@code tcflag_t}: unsigned long on macOS, unsigned int on Linux. */
    private static final int FLAG_SIZE = MAC ? 8 : 4;
    private static final int ISIG = MAC ? 0x80 : 1;
    private static final int OFLAG = 1;
    private static final int LFLAG = 3;

    private final MethodHandle tcsetattr;
    private final MemorySegment before;
    private final Thread hook = new Thread(this::restore, "terminal");
    private boolean restored;

    private RawTerminal(MethodHandle tcsetattr, MemorySegment before) {
        this.tcsetattr = tcsetattr;
        this.before = before;
    }

    /**
     * Makes it raw, but output stays as it is: a line feed still returns the carriage.
     *
     * @param signals Ctrl-C and its like stay signals
     * @return null if standard input is no terminal, or this host has no such functions
     */
    public static RawTerminal open(boolean signals) {
        try {
            Linker linker = Linker.nativeLinker();
            MethodHandle tcgetattr = call(linker, "tcgetattr", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
            MethodHandle set = call(linker, "tcsetattr", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
            MethodHandle cfmakeraw = linker.downcallHandle(linker.defaultLookup().findOrThrow("cfmakeraw"),
                    FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
            MemorySegment before = Arena.global().allocate(TERMIOS_ROOM, 8);
            if ((int) tcgetattr.invokeExact(STDIN, before) != 0) {
                return null;
            }
            MemorySegment raw = Arena.global().allocate(TERMIOS_ROOM, 8).copyFrom(before);
            cfmakeraw.invokeExact(raw);
            MemorySegment.copy(before, OFLAG * FLAG_SIZE, raw, OFLAG * FLAG_SIZE, FLAG_SIZE);
            if (signals) {
                int local = raw.get(ValueLayout.JAVA_INT, LFLAG * FLAG_SIZE);
                raw.set(ValueLayout.JAVA_INT, LFLAG * FLAG_SIZE, local | ISIG);
            }
            RawTerminal terminal = new RawTerminal(set, before);
            Runtime.getRuntime().addShutdownHook(terminal.hook);
            return (int) set.invokeExact(STDIN, TCSANOW, raw) == 0 ? terminal : null;
        } catch (Throwable e) {
            return null;
        }
    }

    private static MethodHandle call(Linker linker, String name, java.lang.foreign.MemoryLayout... arguments) {
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }

    private synchronized void restore() {
        if (restored) {
            return;
        }
        restored = true;
        try {
            int ignored = (int) tcsetattr.invokeExact(STDIN, TCSANOW, before);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        restore();
    }
}
