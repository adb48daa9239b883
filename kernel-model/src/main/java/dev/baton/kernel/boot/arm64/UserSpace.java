package dev.baton.kernel.boot.arm64;

import dev.baton.core.machine.StateReader;
import dev.baton.core.machine.StateWriter;
import dev.baton.core.machine.Stateful;
import dev.baton.kernel.GenerationReport;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.SyscallResult;
import dev.baton.kernel.UserStep;
import dev.baton.kernel.UserStep.KernelFile;
import dev.baton.kernel.kexec.KexecCore;
import dev.baton.kernel.kexec.KexecPlan;
import dev.baton.kernel.kexec.KexecSegment;
import dev.baton.kernel.kho.KhoTest;

import java.util.List;

/** {@code /init}: does the steps of a specification, one per model call. */
final class UserSpace implements Stateful {
    /** What the kernel has to do after a step. */
    enum Next { STEP, KEXEC, POWER_OFF, HALT, PANIC }

    private final Kernel kernel;
    private final KexecCore kexec;
    private final KhoTest folios;

    UserSpace(Kernel kernel, KexecCore kexec) {
        this.kernel = kernel;
        this.kexec = kexec;
        folios = new KhoTest(kernel, kernel.pages, kernel.kho, kernel.spec.era());
    }

    /** Does step {@code index}. */
    Next run(int index) {
        List<UserStep> steps = kernel.spec.user();
        if (index >= steps.size()) {
            return Next.PANIC;
        }
        return switch (steps.get(index)) {
            case UserStep.Preserve p -> preserve(p);
            case UserStep.Restore r -> restore(r);
            case UserStep.Finalize f -> finish("finalize", kernel.kho.finalizeWrite(true), 0);
            case UserStep.KexecFileLoad l -> {
                SyscallResult result = kexec.kexecFileLoad(l.kernel().image(), l.initrd(), l.cmdline(), l.flags());
                yield loaded("kexec_file_load", l.kernel(), result, l.expectErrno());
            }
            case UserStep.KexecLoad l -> {
                SyscallResult result = kexec.kexecToolsLoad(l.kernel().image(), l.initrd(), l.cmdline(), kernel.tree.uart().orElse(0L));
                yield loaded("kexec_load", l.kernel(), result, l.expectErrno());
            }
            case UserStep.Kexec k -> reboot();
            case UserStep.PowerOff p -> Next.POWER_OFF;
            case UserStep.Halt h -> Next.HALT;
        };
    }

    private Next preserve(UserStep.Preserve p) {
        try {
            List<KhoTest.Folio> preserved = folios.preserve(p.subtree(), p.orders(), p.seed());
            kernel.report.foliosPreserved += preserved.size();
            kernel.printk("test_kho: preserved %d folios as '%s'".formatted(preserved.size(), p.subtree()));
        } catch (KernelError e) {
            kernel.error("test_kho: KHO save of '%s' failed: -%s".formatted(p.subtree(), e.errno()));
        }
        return Next.STEP;
    }

    private Next restore(UserStep.Restore r) {
        try {
            KhoTest.Restored restored = folios.restore(r.subtree());
            kernel.report.foliosRestored += restored.folios().size();
            kernel.report.restoredBytesIntact &= restored.intact();
            if (restored.intact()) {
                kernel.printk("test_kho: KHO restore succeeded: %d folios of '%s'".formatted(restored.folios().size(), r.subtree()));
            } else {
                kernel.error("test_kho: KHO restore of '%s' failed: %s".formatted(r.subtree(), restored.error()));
            }
        } catch (KernelError e) {
            kernel.report.restoredBytesIntact = false;
            kernel.error("test_kho: KHO restore of '%s' failed: -%s".formatted(r.subtree(), e.errno()));
        }
        return Next.STEP;
    }

    private Next loaded(String call, KernelFile file, SyscallResult result, int expected) {
        if (result.ok()) {
            kernel.report.loaded.clear();
            for (KexecSegment s : kexec.image().segments()) {
                kernel.report.loaded.add(new GenerationReport.Segment(s.label(), s.mem(), s.memsz()));
            }
            kernel.report.oracle = KexecPlan.plan(kexec.image());
            kernel.report.nextKernel = file.model() == null ? file.label() : file.model().name();
        }
        return finish("%s(%s)".formatted(call, file.label()), result, expected);
    }

    private Next finish(String what, SyscallResult result, int expected) {
        String line = "user: %s = %s".formatted(what, result);
        if (result.number() == expected) {
            kernel.printk(line);
        } else {
            kernel.error("%s, expected %s".formatted(line, expected == 0 ? "0" : "errno " + expected));
        }
        return Next.STEP;
    }

    private Next reboot() {
        SyscallResult result = kexec.rebootKexec();
        if (result.ok()) {
            Inventory.take(kernel, kexec.image());
            return Next.KEXEC;
        }
        return finish("reboot(LINUX_REBOOT_CMD_KEXEC)", result, 0);
    }

    @Override
    public void save(StateWriter out) {
        folios.save(out);
    }

    @Override
    public void load(StateReader in) {
        folios.load(in);
    }
}
