package dev.baton.devices.board;

import dev.baton.devices.p9.SharedFolder;
import dev.baton.devices.uart.ByteSink;
import dev.baton.devices.virtio.BlockImage;

/** Where plugged-in devices lead on the host: what {@code chardev=}, {@code drive=} and {@code fsdev=} name. */
public interface Backends {
    /** Nothing on the host: what is written to a character device is dropped, and there are no disks. */
    Backends NONE = new Backends() {
        @Override
        public ByteSink output(String chardev) {
            return b -> { };
        }

        @Override
        public BlockImage disk(String drive) {
            throw new IllegalArgumentException("drive=" + drive + ": there is no such drive");
        }
    };

    /** Where the output of a character device goes; {@code ""} if the device names none. */
    ByteSink output(String chardev);

    /** The disk of that name. @throws IllegalArgumentException if there is none */
    BlockImage disk(String drive);

    /** The folder that {@code fsdev=} names. @throws IllegalArgumentException if there is none */
    default SharedFolder folder(String fsdev) {
        throw new IllegalArgumentException("fsdev=" + fsdev + ": there is no such folder");
    }
}
