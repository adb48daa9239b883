/** Pointer authentication (FEAT_PAuth): the code of a pointer, where it stands in the pointer, and who may use it. */
package dev.baton.arm64.pauth;
