#!/bin/busybox sh
# /init of a real kernel's test of virtio devices: loads /modules in the order of their names, then uses a disk, a console, an
# entropy source, a network and a folder of the host; then power off. The test computes what the lines with "baton:" have to say.
/bin/busybox mkdir -p /bin /proc /sys /dev
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev 2>/dev/null
for module in /modules/*.ko; do
    insmod "$module" || echo "baton: $module was refused"
done
echo "baton: vda $(cat /sys/block/vda/size) sectors ro $(cat /sys/block/vda/ro) $(sha256sum </dev/vda)"
seq 1 2000 | dd of=/dev/vda bs=512 seek=16 conv=notrunc 2>/dev/null
sync
echo 3 >/proc/sys/vm/drop_caches
echo "baton: written $(sha256sum </dev/vda)"
dd if=/dev/zero of=/dev/vdb bs=512 count=1 2>/dev/null && echo "baton: vdb was written to"
echo "baton: vdb ro $(cat /sys/block/vdb/ro) $(sha256sum </dev/vdb)"
echo "baton: rng $(cat /sys/class/misc/hw_random/rng_current)"
echo "baton: random $(dd if=/dev/hwrng bs=32 count=1 2>/dev/null | wc -c) $(dd if=/dev/hwrng bs=32 count=1 2>/dev/null | sha256sum)"
cat >/dhcp <<'END'
#!/bin/sh
if [ "$1" = bound ]; then
    ip addr add "$ip/24" dev "$interface"
    ip route add default via "$router"
    echo "baton: lease $ip $subnet router $router dns $dns for $lease s"
fi
END
chmod +x /dhcp
ip link set eth0 up
echo "baton: eth0 $(cat /sys/class/net/eth0/address) $(cat /sys/class/net/eth0/carrier)"
udhcpc -i eth0 -n -q -t 3 -s /dhcp 2>/dev/null
ping -c 2 -W 5 "10.0.2.2" | sed -n 's/.*transmitted/baton: ping/p'
wget -O /dev/null "http://10.9.8.7/" 2>&1 | sed 's/^/baton: /'
mkdir /share
if mount -t 9p -o trans=virtio,version=9p2000.L,msize=131072 folder /share; then
    echo "baton: folder $(ls /share | tr '\n' ' ')$(sha256sum </share/data)"
    mkdir /share/new
    seq 1 20000 >/share/written
    mv /share/written /share/new/moved
    rm /share/removed
    echo "baton: moved $(wc -c </share/new/moved) bytes"
    umount /share
fi
# Opened once: a terminal drops what was typed when the last one who had it open closes it.
exec 3<>/dev/hvc0
echo "hello from hvc0" >&3
read -r line <&3
echo "baton: hvc0 said $line"
grep virtio /proc/interrupts | sed 's/^/baton: interrupt /'
echo "baton: done"
poweroff -f
