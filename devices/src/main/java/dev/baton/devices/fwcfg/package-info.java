/** What firmware and kernels ask the machine about itself: QEMU's fw_cfg (docs/specs/fw_cfg.rst). */
package dev.baton.devices.fwcfg;
