package dev.baton.devices;

import dev.baton.core.time.VirtualClock;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The values of all fields of a device and of the parts of it that are our own classes, by path; wiring is left out. */
public final class DeviceFields {
    private static final String OURS = "dev.baton.devices.";

    private final SortedMap<String, Object> values = new TreeMap<>();
    private final Map<Object, Boolean> visited = new IdentityHashMap<>();

    private DeviceFields() { }

    public static SortedMap<String, Object> of(Object device) {
        DeviceFields f = new DeviceFields();
        f.visit("", device);
        return f.values;
    }

    private void visit(String path, Object value) {
        switch (value) {
            case null -> values.put(path, "null");
            case Number n -> values.put(path, n);
            case Boolean b -> values.put(path, b);
            case VirtualClock.Timer t -> values.put(path, t.at());
            case Collection<?> c -> values.put(path, c.toString());
            case Object o when o.getClass().isArray() -> array(path, o);
            case Object o when isOurs(o.getClass()) -> fields(path, o);
            default -> { }
        }
    }

    private static boolean isOurs(Class<?> c) {
        return c.getName().startsWith(OURS) && !c.isSynthetic() && !c.isEnum() && !c.getName().endsWith("Level");
    }

    private void array(String path, Object array) {
        for (int i = 0; i < Array.getLength(array); i++) {
            visit(path + "[" + i + "]", Array.get(array, i));
        }
    }

    private void fields(String path, Object o) {
        if (visited.put(o, true) != null) {
            return;
        }
        for (Class<?> c = o.getClass(); c != Object.class && c != Record.class; c = c.getSuperclass()) {
            for (Field f : c.getDeclaredFields()) {
                if (!Modifier.isStatic(f.getModifiers())) {
                    f.setAccessible(true);
                    visit(path + "." + f.getName(), get(f, o));
                }
            }
        }
    }

    private static Object get(Field f, Object o) {
        try {
            return f.get(o);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    /** Non-final fields, and elements of arrays and collections, by the path of their declaration (indices left out). */
    public static Collection<String> changed(SortedMap<String, Object> before, SortedMap<String, Object> after) {
        var changed = new java.util.TreeSet<String>();
        after.forEach((path, value) -> {
            if (!value.equals(before.get(path))) {
                changed.add(path.replaceAll("\\[\\d+]", ""));
            }
        });
        return changed;
    }
}
