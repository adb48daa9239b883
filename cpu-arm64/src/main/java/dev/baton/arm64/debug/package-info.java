/** Self-hosted debug of one CPU: breakpoints, watchpoints and software step, for the guest's own kernel. */
package dev.baton.arm64.debug;
