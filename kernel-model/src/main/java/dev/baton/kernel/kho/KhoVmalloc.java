package dev.baton.kernel.kho;

import static dev.baton.kernel.mm.PageSize.PAGE_SIZE;

import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.mm.KernelMemory;
import dev.baton.kernel.mm.PageAllocator;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code kho_preserve_vmalloc} and {@code kho_restore_vmalloc} (7.2).
 *
 * <pre>
 *   descriptor   0 u64 first chunk (physical) | 8 u32 total_pages | 12 u16 flags | 14 u16 order
 *   chunk page   0 u64 next chunk (physical)  | 8 u64[511] physical addresses, 0 ends them
 * </pre>
 */
final class KhoVmalloc {
    static final int DESCRIPTOR_SIZE = 16;
    private static final short VM_ALLOC = 1;
    private static final int PER_CHUNK = PAGE_SIZE / 8 - 1;

    private KhoVmalloc() { }

    /**
     * Preserves an area of order-0 pages and the chunks that list them. A full chunk always gets a successor.
     *
     * @return the descriptor
     * @throws KernelError ENOMEM
     */
    static byte[] preserve(Kho kho, PageAllocator pages, KernelMemory mem, List<Long> area) {
        long first = newChunk(kho, pages);
        long chunk = first;
        int used = 0;
        for (long page : area) {
            kho.preservePages(page, 1);
            mem.u64(chunk + 8 + 8L * used, page);
            used++;
            if (used == PER_CHUNK) {
                long next = newChunk(kho, pages);
                mem.u64(chunk, next);
                chunk = next;
                used = 0;
            }
        }
        return ByteBuffer.allocate(DESCRIPTOR_SIZE).order(ByteOrder.LITTLE_ENDIAN).putLong(first).putInt(area.size()).putShort(VM_ALLOC)
                .putShort((short) 0).array();
    }

    private static long newChunk(Kho kho, PageAllocator pages) {
        long chunk = pages.allocZeroed(0);
        kho.preservePages(chunk, 1);
        return chunk;
    }

    /**
     * Restores the pages and frees the chunks.
     *
     * @return the pages of the area in order
     * @throws KernelError EINVAL where Linux returns NULL
     */
    static List<Long> restore(Kho kho, PageAllocator pages, KernelMemory mem, byte[] descriptor) {
        ByteBuffer d = ByteBuffer.wrap(descriptor).order(ByteOrder.LITTLE_ENDIAN);
        int total = d.getInt(8);
        if (d.getShort(12) != VM_ALLOC || d.getShort(14) != 0) {
            throw new KernelError(Errno.EOPNOTSUPP);
        }
        List<Long> area = new ArrayList<>();
        for (long chunk = d.getLong(0); chunk != 0; ) {
            if (kho.restoreFolio(chunk) != 0) {
                throw new KernelError(Errno.EINVAL);
            }
            ByteBuffer page = ByteBuffer.wrap(mem.read(chunk, PAGE_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < PER_CHUNK && page.getLong(8 + 8 * i) != 0; i++) {
                long phys = page.getLong(8 + 8 * i);
                if (area.size() == total || kho.restoreFolio(phys) != 0) {
                    throw new KernelError(Errno.EINVAL);
                }
                area.add(phys);
            }
            pages.free(chunk, 0);
            chunk = page.getLong(0);
        }
        if (area.size() != total) {
            throw new KernelError(Errno.EINVAL);
        }
        return area;
    }
}
