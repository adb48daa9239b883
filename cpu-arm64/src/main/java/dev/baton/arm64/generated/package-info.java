/** Decoder and disassembler generated from a64.insn; do not edit. */
package dev.baton.arm64.generated;
