/** The arm64 kernel {@code Image}: its header, its checks, its gzip-compressed form. */
package dev.baton.images.arm64;
