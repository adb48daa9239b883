package dev.baton.kernel.kexec;

import dev.baton.core.machine.Bytes;
import dev.baton.images.arm64.ImageHeader;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** {@code image_probe} and the checks of {@code image_load} (arch/arm64/kernel/kexec_image.c, 7.2). */
final class ImageProbe {
    private ImageProbe() { }

    /** @throws KernelError EINVAL if it is shorter than a header or has another magic */
    static ImageHeader header(Bytes kernel) {
        if (kernel.length() < ImageHeader.SIZE) {
            throw new KernelError(Errno.EINVAL);
        }
        ByteBuffer b = ByteBuffer.wrap(kernel.array(), 0, ImageHeader.SIZE).order(ByteOrder.LITTLE_ENDIAN);
        ImageHeader h = new ImageHeader(b.getInt(), b.getInt(), b.getLong(), b.getLong(), b.getLong(), b.getLong(), b.getLong(),
                b.getLong(), b.getInt(), b.getInt());
        if (h.magic() != ImageHeader.MAGIC) {
            throw new KernelError(Errno.EINVAL);
        }
        return h;
    }

    /** @throws KernelError EINVAL for image_size 0 (before v3.17), a page size this CPU lacks, another byte order on such a CPU */
    static void checkLoadable(ImageHeader h, CpuFeatures cpu) {
        boolean granule = switch (h.pageSizeKib()) {
            case 4 -> cpu.granule4k();
            case 16 -> cpu.granule16k();
            case 64 -> cpu.granule64k();
            default -> true;
        };
        if (h.imageSize() == 0 || h.bigEndian() && !cpu.mixedEndian() || !granule) {
            throw new KernelError(Errno.EINVAL);
        }
    }

    /** ID_AA64MMFR0_EL1 as the loader asks it. */
    record CpuFeatures(boolean mixedEndian, boolean granule4k, boolean granule16k, boolean granule64k) {
        static final CpuFeatures ALL = new CpuFeatures(true, true, true, true);
    }
}
