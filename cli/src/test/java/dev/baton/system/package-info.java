/** Whole machines under modelled kernels: CPU, devices and kernel model together. */
package dev.baton.system;
