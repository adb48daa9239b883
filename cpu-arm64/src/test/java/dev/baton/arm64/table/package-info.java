/** The instruction table against itself, against the decoder generated from it, and against objdump. */
package dev.baton.arm64.table;
