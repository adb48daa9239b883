/** Random straight-line programs, run here and under qemu-aarch64, with every register, flag and byte compared. */
package dev.baton.arm64.random;
