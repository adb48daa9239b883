/** Floating point against an executor that shares nothing with ours. */
package dev.baton.arm64.fp;
