/** ELF64, little-endian, for AArch64 and x86-64: kernels, test binaries and their symbols. */
package dev.baton.images.elf;
