package dev.baton.images.guest;

import dev.baton.core.machine.Bytes;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Purgatory ready to load: kernel entry, DTB, regions and their SHA-256 written into the built image, as kexec-tools does
 * when it loads (purgatory symbols {@code arm64_kernel_entry}, {@code arm64_dtb_addr}, {@code arm64_sink},
 * {@code sha256_regions}, {@code sha256_digest}).
 */
public final class Purgatory {
    /** As many as kexec has segments. */
    public static final int MAX_REGIONS = 16;

    /**
     * Memory that the digest covers.
     *
     * @param address physical, where it will lie
     * @param size    bytes; beyond {@code bytes.length()} it is zero
     */
    public record Region(long address, Bytes bytes, long size) { }

    private Purgatory() {
    }

    /** @param sink physical address of a UART's data register for the one complaint it can make, 0 for silence */
    public static Bytes build(long kernelEntry, long dtb, long sink, List<Region> regions) {
        if (regions.size() > MAX_REGIONS) {
            throw new IllegalArgumentException(regions.size() + " purgatory regions: at most " + MAX_REGIONS);
        }
        GuestImage image = GuestKernel.purgatory();
        byte[] bytes = image.image().toArray();
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        b.putLong((int) image.symbol("kernel_entry"), kernelEntry);
        b.putLong((int) image.symbol("dtb_address"), dtb);
        b.putLong((int) image.symbol("uart_sink"), sink);
        int at = (int) image.symbol("sha256_regions");
        for (Region r : regions) {
            b.putLong(at, r.address());
            b.putLong(at + 8, r.size());
            at += 16;
        }
        b.put((int) image.symbol("sha256_digest"), digest(regions));
        return Bytes.wrap(bytes);
    }

    /** SHA-256 over all regions in order, zero tails included. */
    public static byte[] digest(List<Region> regions) {
        MessageDigest sha = sha256();
        byte[] zero = new byte[4096];
        for (Region r : regions) {
            sha.update(r.bytes().array());
            for (long left = r.size() - r.bytes().length(); left > 0; left -= zero.length) {
                sha.update(zero, 0, (int) Math.min(left, zero.length));
            }
        }
        return sha.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
