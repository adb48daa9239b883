/** The guest code of the modelled kernels: built bytes, their symbols, and the numbers they share with Java. */
package dev.baton.images.guest;
