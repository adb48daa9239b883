package dev.baton.kernel.boot.arm64;

import dev.baton.images.guest.GuestKernel;

import java.util.Map;

/** Where the running image lies; symbols by their name in the guest image. @param phys physical address of its first byte */
record BootImage(long phys) {
    long va(String symbol) {
        return KernelLayout.KIMAGE_VADDR + GuestKernel.symbol(symbol);
    }

    long pa(String symbol) {
        return phys + GuestKernel.symbol(symbol);
    }

    /** Bytes in memory. */
    long size() {
        return GuestKernel.symbol("_end");
    }

    /** The symbol of an address in this image, virtual or physical, as {@code name+0x…}; "" if it lies elsewhere. */
    String symbolAt(long address) {
        long virtual = address - KernelLayout.KIMAGE_VADDR;
        long physical = address - phys;
        return virtual >= 0 && virtual < size() ? nearestSymbol(virtual)
                : physical >= 0 && physical < size() ? nearestSymbol(physical) : "";
    }

    /** The last symbol at or before an offset that begins something, as {@code name+0x…}. */
    static String nearestSymbol(long offset) {
        String best = "_head+0x%x".formatted(offset);
        for (Map.Entry<String, Long> s : GuestKernel.kernel().symbols().entrySet()) {
            if (s.getValue() > offset) {
                break;
            }
            if (!s.getKey().endsWith("_end")) {
                best = "%s+0x%x".formatted(s.getKey(), offset - s.getValue());
            }
        }
        return best;
    }

    /** First address after the image, BSS and page tables included. */
    long end() {
        return pa("_end");
    }
}
