package dev.baton.arm64.engine;

import dev.baton.arm64.table.InsnTable;

import java.util.HashMap;
import java.util.Map;

/** Words by row and field names: {@code word("ADD_imm", "sf", 1, "imm12", 64, "Rn", 1, "Rd", 1)}; fields not named are zero. */
final class Encode {
    private static final Map<String, InsnTable.Row> ROWS = new HashMap<>();

    static {
        InsnTable.load().forEach(r -> ROWS.put(r.name(), r));
    }

    private Encode() { }

    static int word(String row, Object... fields) {
        InsnTable.Row r = ROWS.get(row);
        int w = r.value();
        for (int i = 0; i < fields.length; i += 2) {
            InsnTable.Field f = r.field((String) fields[i]);
            int mask = (1 << f.width()) - 1;
            w |= ((int) fields[i + 1] & mask) << f.lsb();
        }
        return w;
    }
}
