#!/bin/busybox sh
# /init of a chain: generation gen= of the command line loads /boot/Image, with an initramfs made of its own files, as the
# next one by kexec_load, until generation of= is reached, which powers off.
/bin/busybox mkdir -p /bin /proc /sys /dev /tmp
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev 2>/dev/null
line=$(cat /proc/cmdline)
gen=${line##*gen=}
gen=${gen%% *}
of=${line##*of=}
of=${of%% *}
echo "baton: generation $gen of $of"
if [ "$gen" -ge "$of" ]; then
    echo "baton: done"
    poweroff -f
fi
cd /
{ echo bin; find init bin/busybox bin/kexec boot; } | cpio -o -H newc >/tmp/next 2>/dev/null
kexec -c -l /boot/Image --initrd=/tmp/next --append="${line%gen=*}gen=$((gen + 1)) of=$of" || echo "baton: kexec -l failed"
kexec -e
echo "baton: kexec -e returned"
poweroff -f
