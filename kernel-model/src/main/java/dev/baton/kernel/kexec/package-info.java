/** {@code kexec_load} and {@code kexec_file_load}: checks, placement, the page list, the device tree of the next kernel, and the oracle. */
package dev.baton.kernel.kexec;
