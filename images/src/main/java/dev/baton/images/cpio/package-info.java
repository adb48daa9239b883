/** The newc cpio archive that an initial RAM file system is. */
package dev.baton.images.cpio;
