#!/bin/busybox sh
# /init of the live-update selftests: runs the programs named by test= of the command line, separated by commas, in stage 1, hands
# over by the tree's own do_kexec.sh, and runs stage 2 of each in the next kernel. With stages=none they run once, without a kexec.
/bin/busybox mkdir -p /bin /proc /sys /dev /tmp
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev 2>/dev/null
line=$(cat /proc/cmdline)
tests=${line##*test=}
tests=$(echo "${tests%% *}" | tr , ' ')
stage=1
[ ! -e /second ] || stage=2
for test in $tests; do
    echo "baton: $test stage $stage"
    case $line in
    *stages=none*) "/selftests/$test" ;;
    *) "/selftests/$test" --stage $stage ;;
    esac
    echo "baton: $test stage $stage exit $?"
done
case $line in
*stages=none*) poweroff -f ;;
esac
[ $stage = 1 ] || poweroff -f
cd /
touch second
{ echo bin; find init second bin/busybox bin/kexec selftests; } | cpio -o -H newc >/tmp/next 2>/dev/null
KERNEL=/boot/Image INITRAMFS=/tmp/next sh /selftests/do_kexec.sh
echo "baton: kexec -e returned"
poweroff -f
