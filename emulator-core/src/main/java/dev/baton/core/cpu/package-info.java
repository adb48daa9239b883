/** What a CPU is to the machine, whatever its architecture, and the hooks through which firmware and models answer it. */
package dev.baton.core.cpu;
