package dev.baton.images.cpio;

import dev.baton.core.machine.Bytes;
import dev.baton.images.ImageFile;

/** An initial RAM disk as a boot loader passes it on. */
public final class Initrd {
    private Initrd() {
    }

    /**
     * The file's bytes. A newc archive is read through, so that a damaged one is refused here and not by a guest's panic; of
     * anything else (compressed archives, file systems) only the guest knows what it is.
     *
     * @throws dev.baton.images.ImageFormatException for an archive that is not whole
     */
    public static Bytes bytes(ImageFile file) {
        if (CpioReader.probe(file)) {
            CpioReader.read(file);
        }
        return file.bytes();
    }
}
