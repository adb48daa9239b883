# Shared by the scripts that fetch or build real kernels and user space. Sourced, never run.
#
# Cache: ${BATON_CACHE:-$HOME/.cache/baton}, one folder per package version or configuration; a `current` link names the newest.
# Exit status of every script: 0 present, 77 it cannot be had here (one line says why), 1 anything else.
#
# The archive is the one this machine's own apt uses: its source list is read at run time and its suite replaced, in a
# private apt root, so nothing of the machine changes and no host is named here.
set -euo pipefail

readonly CACHE="${BATON_CACHE:-$HOME/.cache/baton}"
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly UNAVAILABLE=77
ME=$(basename "$0")
readonly ME
work=

note() { printf '%s: %s\n' "$ME" "$*" >&2; }
unavailable() { note "$*"; exit "$UNAVAILABLE"; }
fail() { note "$*"; exit 1; }
cleanup() { if [ -n "$work" ]; then chmod -R u+w -- "$work" 2>/dev/null || true; rm -rf -- "$work"; fi; }
trap cleanup EXIT

make_work() {
    mkdir -p "$CACHE" || unavailable "$CACHE cannot be created"
    work=$(mktemp -d "$CACHE/.fetch.XXXXXX") || unavailable "$CACHE is not writable"
}

need_tools() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || unavailable "no $tool on this machine"
    done
}

# u32 FILE OFFSET: a little-endian word as 8 hex digits, whatever the byte order of this machine.
u32() {
    local b
    b=$(od -An -v -tx1 -j "$2" -N 4 -- "$1") || return 1
    # shellcheck disable=SC2086
    set -- $b
    printf '%s%s%s%s' "${4:-}" "${3:-}" "${2:-}" "${1:-}"
}

# check_image FILE MIB: the plain-Image checks a fetch can make; `baton image inspect` makes all of them.
check_image() {
    local magic size
    magic=$(u32 "$1" 56)
    [ "$magic" = 644d5241 ] || fail "$1: offset 56: expected arm64 Image magic 644d5241, found ${magic:-end of file}"
    size=$(stat -c %s -- "$1")
    [ "$size" -ge $(($2 << 20)) ] || fail "$1: expected an Image of at least $2 MiB, found $size bytes"
}

# cache_key PACKAGE VERSION: a folder's name.
cache_key() { printf '%s_%s' "$1" "${2//[^A-Za-z0-9.+~-]/_}"; }

# publish FROM INTO KEY: the folder FROM becomes INTO/KEY. Its last step, so a reader sees nothing or the whole of it.
publish() {
    mkdir -p "$2"
    if [ ! -d "$2/$3" ]; then mv -T -- "$1" "$2/$3"; fi
}

# link FOLDER NAME KEY: the symbolic link FOLDER/NAME points at KEY from now on.
link() {
    ln -sfn -- "$3" "$1/.$2.$$"
    mv -fT -- "$1/.$2.$$" "$1/$2"
}

# source_list SUITE TYPE KIND: lines of a source list, from what this machine's apt reads for its own release.
source_list() {
    local own uri release component options="arch=$ARCH"
    own=$(. /etc/os-release 2>/dev/null && printf '%s' "${VERSION_CODENAME:-}") || own=
    [ -n "$own" ] || return 0
    if [ -r "$KEYRING" ]; then options+=" signed-by=$KEYRING"; fi
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        sort -u | while IFS='|' read -r uri release component; do
            case $release in "$own") ;; "$own"-updates | "$own"-security) [ "$3" = stable ] || continue ;; *) continue ;; esac
            [ "$component" = main ] || continue
            printf '%s [%s] %s %s main\n' "$2" "$options" "$uri" "$1${release#"$own"}"
        done
}

write_apt_conf() {
    local root=$1
    mkdir -p "$root"/{state/lists/partial,cache/archives/partial}
    : >"$root/state/status"
    cat >"$root/apt.conf" <<CONF
APT::Architecture "$ARCH";
#clear APT::Architectures;
APT::Architectures { "$ARCH"; };
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Dir::State "$root/state";
Dir::State::status "$root/state/status";
Dir::Cache "$root/cache";
Dir::Etc::SourceList "$root/sources.list";
Dir::Etc::SourceParts "$root/none";
CONF
}

# apt_root SUITE ARCH KIND [deb-src]: later calls of apt ask about SUITE for ARCH, or about its sources. KIND: stable (with
# -updates and -security) or rolling (the suite alone).
apt_root() {
    local suite=$1 kind=$3 root type=${4:-deb}
    ARCH=$2
    need_tools apt-get apt-cache dpkg-deb
    root="$work/apt-$suite-$ARCH-$type"
    if [ ! -f "$root/updated" ]; then
        write_apt_conf "$root"
        unset APT_CONFIG
        source_list "$suite" "$type" "$kind" >"$root/sources.list"
        grep -q " $suite " "$root/sources.list" || unavailable "this machine's apt has no Debian release to derive a $suite source from"
        export APT_CONFIG="$root/apt.conf"
        if ! apt-get -qq update </dev/null >"$work/log" 2>&1; then
            unavailable "the package lists of $suite cannot be fetched: $(grep -m1 -E '^[EW]:' "$work/log" || echo 'apt-get update failed')"
        fi
        : >"$root/updated"
    fi
    export APT_CONFIG="$root/apt.conf"
}

package_version() {
    apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p' | sed -n 1p
}

# download PACKAGE: fetches it and prints the path of the .deb.
download() {
    local into="$work/debs/$1"
    mkdir -p "$into"
    if ! (cd "$into" && apt-get -qq download "$1" </dev/null >"$work/log" 2>&1); then
        unavailable "$1 cannot be fetched: $(grep -m1 '^E:' "$work/log" || echo 'apt-get download failed')"
    fi
    find "$into" -maxdepth 1 -name '*.deb' | sed -n 1p
}
