#!/bin/busybox sh
# /init of a real kernel's boot test: floating point, threads, dd, gzip, sha256sum; then power off.
# The test computes what the lines with "baton:" have to say.
/bin/busybox mkdir -p /bin /proc /sys /dev /tmp
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev 2>/dev/null
echo "baton: cpus $(grep -c ^processor /proc/cpuinfo)"
awk 'BEGIN { for (i = 1; i <= 2000; i++) x += i / 3 + i * 0.1; printf "baton: awk %.9f\n", x }'
threads 4 20000
seq 1 20000 >/tmp/numbers
gzip -c /tmp/numbers >/tmp/numbers.gz
echo "baton: gzip $(gunzip -c /tmp/numbers.gz | sha256sum)"
dd if=/tmp/numbers of=/tmp/part bs=1000 skip=7 count=50 2>/dev/null
echo "baton: dd $(sha256sum </tmp/part)"
echo "baton: done"
poweroff -f
