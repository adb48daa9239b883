/** Kexec handover: what one kernel preserves, how it is written down in guest memory, how the next kernel reads it. */
package dev.baton.kernel.kho;
