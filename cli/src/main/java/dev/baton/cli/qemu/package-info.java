/** QEMU's command line, as far as scripts that test kernels use it: read strictly, nothing run. */
package dev.baton.cli.qemu;
