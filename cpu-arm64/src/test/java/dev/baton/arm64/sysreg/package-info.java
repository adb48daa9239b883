/** The register tables against themselves and the assembler. */
package dev.baton.arm64.sysreg;
