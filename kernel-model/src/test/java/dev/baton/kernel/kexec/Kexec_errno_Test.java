package dev.baton.kernel.kexec;

import static dev.baton.kernel.TestKernel.RAM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.baton.core.machine.Bytes;
import dev.baton.images.arm64.ImageHeader;
import dev.baton.kernel.Era;
import dev.baton.kernel.Errno;
import dev.baton.kernel.KernelError;
import dev.baton.kernel.KernelRandom;
import dev.baton.kernel.SyscallResult;
import dev.baton.kernel.TestKernel;
import org.junit.jupiter.api.Test;

import java.util.Collections;
import java.util.List;
import java.util.Set;

class Kexec_errno_Test {
    private static final long M = 1 << 20;
    private static final long ARCH = KexecConstants.KEXEC_ARCH_AARCH64;

    private final TestKernel k = TestKernel.boot(TestKernel.memory(64), Era.V5_16);

    private static KexecSegment segment(long mem, long memsz) {
        return KexecSegment.of("x", Bytes.of(new byte[16]), mem, memsz);
    }

    private void expect(Errno errno, long flags, KexecSegment... segments) {
        long used = k.pages.usedBytes();
        assertEquals(errno, k.kexec.kexecLoad(RAM + 32 * M, List.of(segments), flags).errno());
        assertEquals(used, k.pages.usedBytes(), "a refused load leaks nothing");
        assertNull(k.kexec.image());
    }

    private KexecCore with(KexecSettings settings, MachineKexec machine) {
        return new KexecCore(k, k.memblock, k.pages, k.kho, new KernelRandom(1), settings, machine);
    }

    private static MachineKexec fine() {
        return new MachineKexec() {
            @Override
            public void prepare(Kimage image) {
                // Not stuck.
            }

            @Override
            public void postLoad(Kimage image) {
                // Nothing more.
            }
        };
    }

    @Test
    void a_sound_list_is_loaded_and_an_empty_one_unloads_it() {
        long used = k.pages.usedBytes();
        assertTrue(k.kexec.kexecLoad(RAM + 32 * M, List.of(segment(RAM + 32 * M, 0x3000)), ARCH).ok());
        assertNotNull(k.kexec.image());
        assertTrue(k.kexec.kexecLoad(0, List.of(), 0).ok());
        assertNull(k.kexec.image());
        assertEquals(used, k.pages.usedBytes());
    }

    @Test
    void without_permission_everything_is_EPERM_even_with_wrong_flags() {
        for (KexecSettings s : List.of(new KexecSettings(Era.V7_2, Set.of(), TestKernel.FIRST_DTB, false, false, true),
                new KexecSettings(Era.V7_2, Set.of(), TestKernel.FIRST_DTB, true, true, true))) {
            KexecCore core = with(s, fine());
            assertEquals(Errno.EPERM, core.kexecLoad(0, List.of(), 0xffff).errno());
            assertEquals(Errno.EPERM, core.kexecFileLoad(TestKernel.image(1), null, (String) null, 0xffff).errno());
        }
    }

    @Test
    void the_load_limit_counts_down_and_then_forbids() {
        k.kexec.setLoadLimit(1);
        assertTrue(k.kexec.kexecLoad(0, List.of(), 0).ok());
        assertEquals(Errno.EPERM, k.kexec.kexecLoad(0, List.of(), 0).errno());
    }

    @Test
    void unknown_and_unsupported_flags_are_EINVAL_but_upper_bits_are_ignored() {
        expect(Errno.EINVAL, ARCH | 0x10, segment(RAM + 32 * M, 0x1000));
        expect(Errno.EINVAL, ARCH | KexecConstants.KEXEC_PRESERVE_CONTEXT, segment(RAM + 32 * M, 0x1000));
        assertTrue(k.kexec.kexecLoad(RAM, List.of(segment(RAM + 32 * M, 0x1000)), 1L << 40 | ARCH).ok());
    }

    @Test
    void seventeen_segments_are_EINVAL() {
        expect(Errno.EINVAL, ARCH, Collections.nCopies(17, segment(RAM + 32 * M, 0x1000)).toArray(KexecSegment[]::new));
    }

    @Test
    void another_architecture_is_EINVAL_and_none_is_this_one() {
        expect(Errno.EINVAL, 62 << 16, segment(RAM + 32 * M, 0x1000));
        assertTrue(k.kexec.kexecLoad(RAM, List.of(segment(RAM + 32 * M, 0x1000)), 0).ok());
    }

    @Test
    void while_the_lock_is_held_all_is_EBUSY() {
        k.kexec.setLocked(true);
        assertEquals(Errno.EBUSY, k.kexec.kexecLoad(RAM, List.of(segment(RAM + 32 * M, 0x1000)), ARCH).errno());
        assertEquals(Errno.EBUSY, k.kexec.kexecFileLoad(TestKernel.image(1), null, "x", 0).errno());
        assertEquals(Errno.EBUSY, k.kexec.rebootKexec().errno());
    }

    @Test
    void destinations_that_wrap_are_unaligned_or_reach_the_end_of_the_address_space_are_EADDRNOTAVAIL() {
        expect(Errno.EADDRNOTAVAIL, ARCH, segment(-0x1000, 0x2000));
        expect(Errno.EADDRNOTAVAIL, ARCH, segment(RAM + 32 * M + 1, 0x1000));
        expect(Errno.EADDRNOTAVAIL, ARCH, segment(RAM + 32 * M, 0x1001));
        expect(Errno.EADDRNOTAVAIL, ARCH, segment(-0x2000, 0x1fff));
    }

    @Test
    void alignment_is_judged_before_overlap_and_overlap_before_sizes() {
        expect(Errno.EADDRNOTAVAIL, ARCH, segment(RAM + 32 * M, 0x2000), segment(RAM + 32 * M + 0x1000, 0x1001));
        expect(Errno.EINVAL, ARCH, segment(RAM + 32 * M, 0x2000), segment(RAM + 32 * M + 0x1000, 0x1000));
    }

    @Test
    void a_buffer_larger_than_its_memory_is_EINVAL() {
        expect(Errno.EINVAL, ARCH, new KexecSegment("x", Bytes.of(new byte[0x1001]), 0x1001, RAM + 32 * M, 0x1000));
    }

    @Test
    void more_than_half_of_memory_is_EINVAL_in_one_segment_or_in_all() {
        expect(Errno.EINVAL, ARCH, segment(RAM, 40 * M));
        expect(Errno.EINVAL, ARCH, segment(RAM, 20 * M), segment(RAM + 30 * M, 20 * M));
    }

    @Test
    void crash_images_have_no_memory_of_their_own_here_and_are_EADDRNOTAVAIL() {
        expect(Errno.EADDRNOTAVAIL, ARCH | KexecConstants.KEXEC_ON_CRASH, segment(RAM + 32 * M, 0x1000));
        SyscallResult file = k.kexec.kexecFileLoad(TestKernel.image(1), null, "x", KexecConstants.KEXEC_FILE_ON_CRASH);
        assertEquals(Errno.EADDRNOTAVAIL, file.errno());
    }

    @Test
    void a_buffer_that_cannot_be_read_is_EFAULT_and_nothing_leaks() {
        expect(Errno.EFAULT, ARCH, new KexecSegment("x", null, 0x1000, RAM + 32 * M, 0x1000));
        expect(Errno.EFAULT, ARCH, segment(RAM + 32 * M, 0x1000),
                new KexecSegment("x", Bytes.of(new byte[10]), 5000, RAM + 33 * M, 0x2000));
    }

    @Test
    void stuck_cpus_are_EBUSY_and_the_loaded_image_stays() {
        MachineKexec stuck = new MachineKexec() {
            private int calls;

            @Override
            public void prepare(Kimage image) {
                if (calls++ > 0) {
                    throw new KernelError(Errno.EBUSY);
                }
            }

            @Override
            public void postLoad(Kimage image) {
                // Nothing more.
            }
        };
        KexecCore core = with(KexecSettings.of(Era.V7_2, Set.of(), TestKernel.FIRST_DTB), stuck);
        assertTrue(core.kexecLoad(RAM, List.of(segment(RAM + 32 * M, 0x1000)), ARCH).ok());
        Kimage first = core.image();
        assertEquals(Errno.EBUSY, core.kexecLoad(RAM, List.of(segment(RAM + 32 * M, 0x1000)), ARCH).errno());
        assertSame(first, core.image());
    }

    @Test
    void rebooting_without_an_image_is_EINVAL_with_one_the_kernel_says_so() {
        assertEquals(Errno.EINVAL, k.kexec.rebootKexec().errno());
        k.load(1);
        SyscallResult r = k.kexec.rebootKexec();
        assertTrue(r.ok());
        assertEquals(List.of("kexec_core: Starting new kernel"), r.log());
    }

    @Test
    void an_image_that_is_none_is_EINVAL_before_its_command_line_is_looked_at() {
        byte[] noNul = {'a'};
        assertEquals(Errno.EINVAL, k.kexec.kexecFileLoad(Bytes.of(new byte[63]), null, noNul, 0).errno());
        assertEquals(Errno.EINVAL, k.kexec.kexecFileLoad(Bytes.of(new byte[4096]), null, "x", 0).errno());
    }

    @Test
    void image_size_zero_is_EINVAL_and_the_command_line_must_end_with_NUL() {
        byte[] old = new byte[8192];
        System.arraycopy(ImageHeader.of(0, 0, 0, 4).write(), 0, old, 0, ImageHeader.SIZE);
        assertEquals(Errno.EINVAL, k.kexec.kexecFileLoad(Bytes.of(old), null, "x", 0).errno());
        assertEquals(Errno.EINVAL, k.kexec.kexecFileLoad(TestKernel.image(1), null, new byte[] {'a'}, 0).errno());
        assertTrue(k.kexec.kexecFileLoad(TestKernel.image(1), null, new byte[] {'a', 0}, 0).ok());
    }

    @Test
    void unknown_file_flags_are_EINVAL_and_unload_unloads() {
        assertEquals(Errno.EINVAL, k.kexec.kexecFileLoad(TestKernel.image(1), null, "x", 0x40).errno());
        k.load(1);
        assertTrue(k.kexec.kexecFileLoad(null, null, (String) null, KexecConstants.KEXEC_FILE_UNLOAD).ok());
        assertNull(k.kexec.image());
    }

    @Test
    void an_image_that_fits_nowhere_is_EADDRNOTAVAIL_with_the_loaders_word() {
        SyscallResult r = k.kexec.kexecFileLoad(TestKernel.image(100_000, 100 * M, 1), null, "x", 0);
        assertEquals(Errno.EADDRNOTAVAIL, r.errno());
        assertEquals(List.of("kexec_file(Image): Could not find any suitable kernel location!"), r.log());
    }

    @Test
    void with_kho_on_an_image_larger_than_scratch_is_EADDRNOTAVAIL_though_memory_is_free() {
        TestKernel kho = TestKernel.boot(TestKernel.memory(128, "kho=on kho_scratch=4M,4M,4M"), Era.V7_2);
        assertEquals(Errno.EADDRNOTAVAIL, kho.kexec.kexecFileLoad(TestKernel.image(100_000, 8 * M, 1), null, "x", 0).errno());
        TestKernel plain = TestKernel.boot(TestKernel.memory(128, "kho=off"), Era.V7_2);
        assertTrue(plain.kexec.kexecFileLoad(TestKernel.image(100_000, 8 * M, 1), null, "x", 0).ok());
    }

    @Test
    void memory_that_runs_out_while_copying_is_ENOMEM_and_all_of_it_comes_back() {
        while (k.pages.freeBytes() > 300 * 4096) {
            k.pages.alloc(0);
        }
        long used = k.pages.usedBytes();
        assertEquals(Errno.ENOMEM, k.kexec.kexecLoad(RAM, List.of(segment(RAM + 32 * M, 4 * M)), ARCH).errno());
        assertEquals(used, k.pages.usedBytes());
    }
}
