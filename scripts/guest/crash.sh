#!/bin/busybox sh
# /init of a kernel that panics: loads /boot/Image as its crash kernel by kexec_load, with an initramfs made of its own files but
# without /boot, and crashes. The crash kernel, which has /proc/vmcore, shows how that begins and powers off.
/bin/busybox mkdir -p /bin /proc /sys /dev /tmp
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev 2>/dev/null
if [ -e /proc/vmcore ]; then
    echo "baton: vmcore $(dd if=/proc/vmcore bs=4 count=1 2>/dev/null | od -An -tx1)"
    poweroff -f
fi
cd /
{ echo bin; find init bin/busybox bin/kexec; } | cpio -o -H newc >/tmp/next 2>/dev/null
kexec -p /boot/Image --initrd=/tmp/next --append="console=ttyAMA0 panic=-1 maxcpus=1" || echo "baton: kexec -p failed"
echo "baton: crashing"
echo c >/proc/sysrq-trigger
