/** Following kernels that Baton knows nothing of from one hand-over to the next: what each was entered with, checked and told. */
package dev.baton.kernel.follow;
