#!/bin/sh
# Builds the guest code of the modelled kernels with GNU binutils for AArch64 and writes bytes and symbols.
# usage: build.sh [OUTPUT-DIRECTORY]      default: the resources of this module
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../resources/dev/baton/images/guest}
cross=${CROSS_COMPILE:-aarch64-linux-gnu-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

build() {
    name=$1
    script=$2
    shift 2
    objects=
    for part in "$@"; do
        "${cross}as" -march=armv8-a -I "$here/arm64" -o "$work/$part.o" "$here/arm64/$part.S"
        objects="$objects $work/$part.o"
    done
    # shellcheck disable=SC2086
    "${cross}ld" -nostdlib --no-warn-rwx-segments --fatal-warnings -T "$here/arm64/$script" -o "$work/$name.elf" $objects
    "${cross}objcopy" -O binary "$work/$name.elf" "$out/$name.bin"
    "${cross}nm" -n "$work/$name.elf" | awk '$2 != "a" && $3 !~ /^[$.]/ { print $1, $3 }' | LC_ALL=C sort > "$out/$name.sym"
}

build arm64-kernel kernel.lds head el2 mmu cache smp vectors dispatch kexec relocate
build arm64-purgatory purgatory.lds purgatory
