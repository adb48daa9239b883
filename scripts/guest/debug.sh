#!/bin/busybox sh
# /init that lets the kernel use the CPU's debug registers and performance monitors: see debug.c.
/bin/busybox mkdir -p /proc /sys /dev
/bin/busybox mount -t proc none /proc
/bin/busybox mount -t devtmpfs none /dev 2>/dev/null
/bin/debug
/bin/busybox poweroff -f
