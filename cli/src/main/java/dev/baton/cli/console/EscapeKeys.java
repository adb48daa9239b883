package dev.baton.cli.console;

/** Sorts keys as QEMU's multiplexer does: after the escape key (Ctrl-A) one key is a command, all others are for whoever has the focus. */
public final class EscapeKeys {
    /** Who gets what. */
    public interface Receiver {
        /** A key for the guest or the monitor. */
        void key(byte b);

        /** Ctrl-A x. */
        void quit();

        /** Ctrl-A c. */
        void switchFocus();

        /** Ctrl-A h, and Ctrl-A followed by a key that is no command. */
        void help();
    }

    /** No key introduces commands. */
    public static final int NONE = -1;

    private final int escape;
    private final Receiver receiver;
    private boolean escaped;

    /** @param escape control code of the escape key, or {@link #NONE} */
    public EscapeKeys(int escape, Receiver receiver) {
        this.escape = escape;
        this.receiver = receiver;
    }

    public void keys(byte... typed) {
        for (byte b : typed) {
            key(b);
        }
    }

    private void key(byte b) {
        if (!escaped) {
            escaped = b == escape;
            if (!escaped) {
                receiver.key(b);
            }
            return;
        }
        escaped = false;
        switch (b) {
            case 'x' -> receiver.quit();
            case 'c' -> receiver.switchFocus();
            default -> {
                if (b == escape) {
                    receiver.key(b);
                } else {
                    receiver.help();
                }
            }
        }
    }
}
