package dev.baton.kernel;

import dev.baton.core.finding.Finding;
import dev.baton.kernel.mm.KernelMemory;

import java.util.Map;

/** What the C-level logic of a modelled kernel needs of the kernel around it. */
public interface KernelServices {
    /** All of physical memory, through the running kernel's linear map. */
    KernelMemory memory();

    /** Writes one line to the kernel log; the line is without time stamp and line feed. */
    void printk(String line);

    /** The kernel's virtual address of a physical one in the linear map. */
    long virt(long phys);

    /** Which kernel of the chain this is, from 1. */
    int generation();

    /**
     * Reports a finding; CPU, PC and time are the caller's to add.
     *
     * @param key what makes two reports the same
     * @see Finding
     */
    void report(String key, String rule, Finding.Severity severity, String what, Map<String, String> details, String source);
}
