/** System registers and system instructions: one row of {@code sysreg.tab} and one object each. */
package dev.baton.arm64.sysreg;
