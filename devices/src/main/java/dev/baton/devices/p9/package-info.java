/**
 * 9P2000.L, the protocol by which a guest sees a folder of the host: the Plan 9 manual, section 5, and Linux's extension of it
 * (diod's {@code protocol.md}, {@code include/net/9p/9p.h} for the numbers). The folder is an input of the run like a disk file is.
 */
package dev.baton.devices.p9;
