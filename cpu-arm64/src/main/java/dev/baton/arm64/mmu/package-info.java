/** Address translation: VMSAv8-64 stages 1 and 2, the architectural TLB and the checks on its use. */
package dev.baton.arm64.mmu;
