/*
 * /init of a KHO chain, for the kernel tree's nolibc: generation gen= of the command line loads /kernel as the next one by
 * kexec_file_load, with an initramfs that it writes itself from /init and /kernel (cpio "newc", initramfs buffer format of
 * Documentation/driver-api/early-userspace/buffer-format.rst), until generation of= is reached, which powers off.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define NEXT "/next"
#define LINE 2048

static char line[LINE];
static char buffer[1 << 16];

static int die(const char *what)
{
    printf("baton: %s failed\n", what);
    reboot(RB_POWER_OFF);
    return 1;
}

static long parameter(const char *name)
{
    char *p = strstr(line, name);

    return p ? atol(p + strlen(name)) : 0;
}

/* A "newc" header and name, padded to 4; the mode of a regular file 0755, or of nothing for the trailer. */
static int header(int out, const char *name, long size, unsigned int mode)
{
    char text[256];
    int length = snprintf(text, sizeof(text), "070701%08X%08X%08X%08X%08X%08X%08lX%08X%08X%08X%08X%08X%08X",
                          1, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, (unsigned int)strlen(name) + 1, 0);

    if (length != 110)
        return -1;
    strcpy(text + length, name);
    length += strlen(name) + 1;
    while (length % 4)
        text[length++] = 0;
    return write(out, text, length) == length ? 0 : -1;
}

static int add(int out, const char *path)
{
    int in = open(path, O_RDONLY, 0);
    long size, left, n;

    if (in < 0)
        return -1;
    size = lseek(in, 0, SEEK_END);
    lseek(in, 0, SEEK_SET);
    if (header(out, path + 1, size, 0100755))
        return -1;
    for (left = size; left > 0; left -= n) {
        n = read(in, buffer, sizeof(buffer));
        if (n <= 0 || write(out, buffer, n) != n)
            return -1;
    }
    close(in);
    memset(buffer, 0, 4);
    return size % 4 == 0 || write(out, buffer, 4 - size % 4) == 4 - size % 4 ? 0 : -1;
}

static int next_initramfs(void)
{
    int out = open(NEXT, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (out < 0 || add(out, "/init") || add(out, "/kernel") || header(out, "TRAILER!!!", 0, 0))
        return -1;
    close(out);
    /* Not the descriptor written to: the kernel reads no file that somebody may still write. */
    return open(NEXT, O_RDONLY, 0);
}

int main(void)
{
    long generation, of, length;
    char *cut;
    int kernel, initramfs, in;

    mkdir("/proc", 0755);
    if (mount("proc", "/proc", "proc", 0, NULL))
        return die("mount");
    in = open("/proc/cmdline", O_RDONLY, 0);
    length = read(in, line, LINE - 64);
    if (length <= 0)
        return die("/proc/cmdline");
    line[length - 1] = 0;
    generation = parameter("gen=");
    of = parameter("of=");
    printf("baton: generation %ld of %ld\n", generation, of);
    if (generation >= of) {
        reboot(RB_POWER_OFF);
        return 0;
    }
    kernel = open("/kernel", O_RDONLY, 0);
    initramfs = next_initramfs();
    cut = strstr(line, "gen=");
    if (kernel < 0 || initramfs < 0 || !cut)
        return die("next initramfs");
    snprintf(cut, 64, "gen=%ld of=%ld", generation + 1, of);
    length = strlen(line) + 1;
    if (syscall(__NR_kexec_file_load, kernel, initramfs, length, line, 0L))
        return die("kexec_file_load");
    reboot(RB_KEXEC);
    return die("reboot");
}
