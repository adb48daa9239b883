/** Address translation: VMSAv8-64 stage 1, the architectural TLB and the checks on its use. */
package dev.baton.arm64.mmu;
