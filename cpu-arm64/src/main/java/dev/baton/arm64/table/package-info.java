/** The instruction table a64.insn: its reader, the generator of the decoder, and the disassembler that it drives. */
package dev.baton.arm64.table;
