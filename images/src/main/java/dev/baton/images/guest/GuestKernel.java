package dev.baton.images.guest;

import dev.baton.core.machine.Bytes;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The arm64 kernel that models run in: an {@code Image} like any other to loaders, and its purgatory. */
public final class GuestKernel {
    private static final GuestImage KERNEL = GuestImage.load("arm64-kernel");
    private static final GuestImage PURGATORY = GuestImage.load("arm64-purgatory");

    private GuestKernel() {
    }

    /** The image as built: its model id is 0. */
    public static Bytes image() {
        return KERNEL.image();
    }

    /** The image of one modelled kernel: START_KERNEL will pass {@code modelId}. */
    public static Bytes image(long modelId) {
        byte[] copy = KERNEL.image().toArray();
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong((int) symbol("model_id"), modelId);
        return Bytes.wrap(copy);
    }

    /** Offset of a symbol from the start of the image. */
    public static long symbol(String name) {
        return KERNEL.symbol(name);
    }

    public static GuestImage kernel() {
        return KERNEL;
    }

    /** One page of code and data that kexec-tools calls purgatory; see {@link Purgatory} for what has to be patched in. */
    public static GuestImage purgatory() {
        return PURGATORY;
    }
}
