/** Modelled kernels: which era they are of, which historical bug they carry, what their user space asks of them. */
package dev.baton.kernel;
