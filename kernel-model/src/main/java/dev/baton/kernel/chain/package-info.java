/**
 * Chains: documents that say which machine to build, which kernels hand it to each other, and what must be true after each;
 * the runner that carries them out and the reports it gives.
 */
package dev.baton.kernel.chain;
