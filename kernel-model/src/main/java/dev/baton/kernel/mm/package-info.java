/** Linux's early and page allocators, and the kernel's way to its memory. */
package dev.baton.kernel.mm;
