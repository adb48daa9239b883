/*
 * /init of an initramfs: loads /kernel for a kexec at AT with kexec_load(2), as kexec-tools does it, and starts it. Free-standing, and
 * without floating-point registers.
 *
 * AT is where kexec-tools puts an Image: the first 2 MiB after the running kernel. What comes after it is the device tree of this boot,
 * without its initrd, and a page that enters the kernel (its boot protocol wants the tree in x0).
 */
#define STRING(x) #x
#define TEXT(x) STRING(x)
#define MIB (1ul << 20)
#define ENTER_SIZE 40
#define SYS_MOUNT 40
#define SYS_OPENAT 56
#define SYS_READ 63
#define SYS_WRITE 64
#define SYS_KEXEC_LOAD 104
#define SYS_REBOOT 142
#define SYS_MMAP 222
#define AT_FDCWD (-100l)
#define KEXEC_ARCH_AARCH64 (183ul << 16)

typedef unsigned long u64;

static u64 call(u64 n, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
    register u64 x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d;
    register u64 x4 __asm__("x4") = e, x5 __asm__("x5") = f;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}

static void say(const char *text)
{
    u64 n = 0;
    while (text[n])
        n++;
    call(SYS_WRITE, 1, (u64)text, n, 0, 0, 0);
}

static void stop(const char *text)
{
    say(text);
    for (;;)
        ;
}

/* All of a file, at the start of room. */
static u64 load(const char *path, char *room, u64 size)
{
    long fd = call(SYS_OPENAT, AT_FDCWD, (u64)path, 0, 0, 0, 0);
    u64 done = 0;
    if (fd < 0)
        stop("init: a file is missing\n");
    for (;;) {
        long n = call(SYS_READ, fd, (u64)room + done, size - done, 0, 0, 0);
        if (n <= 0)
            return done;
        done += n;
    }
}

static char *room(u64 size)
{
    return (char *)call(SYS_MMAP, 0, size, 3, 0x22, -1ul, 0);
}

/* The names of properties lie together; one that no kernel knows is ignored. */
static void forget(char *tree, u64 size, const char *name)
{
    for (u64 at = 0; at < size; at++) {
        u64 n = 0;
        while (name[n] && at + n < size && tree[at + n] == name[n])
            n++;
        if (!name[n])
            tree[at] = 'x';
    }
}

extern const char enter[ENTER_SIZE];
__asm__(".balign 8\n"
        "enter: ldr x0, 1f\n"
        "ldr x4, 2f\n"
        "mov x1, xzr\n"
        "mov x2, xzr\n"
        "mov x3, xzr\n"
        "br x4\n"
        "1: .quad (" TEXT(AT) " + 40 * 1048576)\n"
        "2: .quad " TEXT(AT) "\n"
        ".if . - enter - " TEXT(ENTER_SIZE) "\n"
        ".error \"ENTER_SIZE\"\n"
        ".endif\n");

struct segment {
    const void *buf;
    u64 bufsz, mem, memsz;
};

void _start(void)
{
    char *kernel = room(64 * MIB), *tree = room(2 * MIB), *page = room(4096);
    call(SYS_MOUNT, (u64)"sysfs", (u64)"/sys", (u64)"sysfs", 0, 0, 0);
    u64 size = load("/kernel", kernel, 64 * MIB);
    u64 treeSize = load("/sys/firmware/fdt", tree, 2 * MIB);
    forget(tree, treeSize, "linux,initrd-start");
    forget(tree, treeSize, "linux,initrd-end");
    for (u64 i = 0; i < ENTER_SIZE; i++)
        page[i] = enter[i];
    u64 claims = *(u64 *)(kernel + 16);
    struct segment segments[] = {
        {kernel, size, AT, (claims + 4095) & -4096ul},
        {tree, treeSize, AT + 40 * MIB, (treeSize + 4095) & -4096ul},
        {page, 4096, AT + 44 * MIB, 4096},
    };
    if (call(SYS_KEXEC_LOAD, AT + 44 * MIB, 3, (u64)segments, KEXEC_ARCH_AARCH64, 0, 0))
        stop("init: kexec_load failed\n");
    say("init: kexec\n");
    call(SYS_REBOOT, 0xfee1dead, 672274793, 0x45584543, 0, 0, 0);
    stop("init: reboot failed\n");
}
