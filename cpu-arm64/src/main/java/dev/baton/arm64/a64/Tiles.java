package dev.baton.arm64.a64;

import java.util.List;

/** Whether the stores of an iteration lie side by side and fill exactly one step. */
final class Tiles {
    private Tiles() { }

    static long lowest(List<LoopShape.Access> stores) {
        return stores.stream().mapToLong(LoopShape.Access::offset).min().orElseThrow();
    }

    /** All stores go to {@code base}, are of one size, and cover [lowest, lowest + step) once. */
    static boolean cover(List<LoopShape.Access> stores, int base, long step) {
        int size = stores.getFirst().size();
        if (step != (long) size * stores.size()) {
            return false;
        }
        long lowest = lowest(stores);
        boolean[] seen = new boolean[stores.size()];
        for (LoopShape.Access s : stores) {
            long at = (s.offset() - lowest) / size;
            boolean fits = s.base() == base && s.size() == size && (s.offset() - lowest) % size == 0 && at < seen.length && !seen[(int) at];
            if (!fits) {
                return false;
            }
            seen[(int) at] = true;
        }
        return true;
    }
}
