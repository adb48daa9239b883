/** A modelled arm64 kernel from its C entry to the jump into the next one: boot, SMP, shutdown, machine_kexec, and who watches the jump. */
package dev.baton.kernel.boot.arm64;
