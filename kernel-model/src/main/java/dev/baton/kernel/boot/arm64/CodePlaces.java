package dev.baton.kernel.boot.arm64;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.images.guest.GuestKernel;

import java.util.ArrayList;
import java.util.List;

/** Where guest code lay at which time: names addresses of findings and stuck reports, also those in copies and of kernels long gone. */
final class CodePlaces implements Stateful {
    /** From {@code time} on, the code at offset {@code symbol} of the guest image lies at {@code address}, {@code size} bytes. */
    private record Place(long time, long address, long size, long offset, String kernel) {
        boolean holds(long pc, long at) {
            return time <= at && pc - address >= 0 && pc - address < size;
        }

        String name(long pc) {
            return BootImage.nearestSymbol(offset + (pc - address)) + kernel;
        }
    }

    private final List<Place> places = new ArrayList<>();

    /** A kernel runs from {@code image}: physical (MMU off, identity map) and in the kernel mapping. */
    void kernel(long time, BootImage image, String name) {
        places.add(new Place(time, image.phys(), image.size(), 0, " [" + name + "]"));
        places.add(new Place(time, KernelLayout.KIMAGE_VADDR, image.size(), 0, " [" + name + "]"));
    }

    /** A copy of one routine. */
    void copy(long time, long address, String routine, String name) {
        places.add(new Place(time, address, GuestKernel.kernel().length(routine), GuestKernel.symbol(routine), " [copy, " + name + "]"));
    }

    /** {@code symbol+0x… [kernel]}, or "" if none of it lay there. */
    String name(long pc, long time) {
        for (Place p : places.reversed()) {
            if (p.holds(pc, time)) {
                return p.name(pc);
            }
        }
        return "";
    }

    @Override
    public void save(StateWriter out) {
        out.section("code-places").u32(places.size());
        places.forEach(p -> out.u64(p.time).u64(p.address).u64(p.size).u64(p.offset).text(p.kernel));
    }

    @Override
    public void load(StateReader in) {
        places.clear();
        for (int n = in.section("code-places").u32(); n > 0; n--) {
            places.add(new Place(in.u64(), in.u64(), in.u64(), in.u64(), in.text()));
        }
    }
}
