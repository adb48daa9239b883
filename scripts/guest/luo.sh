#!/bin/busybox sh
# /init of the live-update selftests: runs the program named by test= of the command line in stage 1, hands over by the tree's
# own do_kexec.sh, and runs stage 2 in the next kernel.
/bin/busybox mkdir -p /bin /proc /sys /dev /tmp
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev 2>/dev/null
line=$(cat /proc/cmdline)
test=${line##*test=}
test=${test%% *}
if [ -e /second ]; then
    echo "baton: $test stage 2"
    "/selftests/$test" --stage 2
    echo "baton: $test exit $?"
    poweroff -f
fi
echo "baton: $test stage 1"
"/selftests/$test" --stage 1
echo "baton: $test stage 1 exit $?"
cd /
touch second
find init second bin/busybox bin/kexec selftests | cpio -o -H newc >/tmp/next 2>/dev/null
KERNEL=/boot/Image INITRAMFS=/tmp/next sh /selftests/do_kexec.sh
echo "baton: kexec -e returned"
poweroff -f
