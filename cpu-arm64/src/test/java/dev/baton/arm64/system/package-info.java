/** The system part of the CPU: translation, TLB, registers, exceptions, timers; called directly, and against QEMU. */
package dev.baton.arm64.system;
