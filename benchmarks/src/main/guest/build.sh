#!/bin/sh
# Builds the guest images of the interpreter benchmarks and writes their bytes. They run at any multiple of 4096.
# usage: build.sh [OUTPUT-DIRECTORY]      default: the resources of this module
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../resources/dev/baton/bench/guest}
cross=${CROSS_COMPILE:-aarch64-linux-gnu-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

"${cross}gcc" -O2 -mgeneral-regs-only -ffreestanding -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables \
    -fno-tree-loop-distribute-patterns -c "$here/work.c" -o "$work/work.o"
for part in start mixed; do
    "${cross}as" -march=armv8-a -o "$work/$part.o" "$here/$part.S"
done
link() {
    name=$1
    shift
    "${cross}ld" -nostdlib --no-warn-rwx-segments -T "$here/image.lds" -o "$work/$name.elf" "$@"
    "${cross}objcopy" -O binary "$work/$name.elf" "$out/$name.bin"
}
link work "$work/start.o" "$work/work.o"
link mixed "$work/mixed.o"
