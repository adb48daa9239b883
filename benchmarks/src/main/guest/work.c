/* Compiled C as kernels and boot loaders run it, integer only: builds and walks a flattened device tree, compares strings, CRCs,
 * sorts, follows hash chains. work() returns a digest that depends on every step, so a wrong instruction shows. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

enum { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, END = 9 };
enum { NODES = 24, PROPS = 4, SORT = 256, KEYS = 256, BUCKETS = 64 };

static u8 tree[16384];
static char strings[512];
static u32 string_bytes;
static u32 crc_table[256];
static int numbers[SORT];

struct entry {
    struct entry *next;
    u64 key;
    u64 value;
};
static struct entry entries[KEYS];
static struct entry *buckets[BUCKETS];

static u64 seed;

static u32 next_random(void)
{
    seed = seed * 6364136223846793005ul + 1442695040888963407ul;
    return seed >> 33;
}

static u32 be32(const u8 *p)
{
    return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static u8 *put32(u8 *p, u32 v)
{
    p[0] = v >> 24;
    p[1] = v >> 16;
    p[2] = v >> 8;
    p[3] = v;
    return p + 4;
}

static int compare(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (u8)*a - (u8)*b;
}

static u32 length(const char *s)
{
    const char *p = s;
    while (*p)
        p++;
    return p - s;
}

static u32 string_offset(const char *name)
{
    u32 at = 0;
    while (at < string_bytes) {
        if (compare(strings + at, name) == 0)
            return at;
        at += length(strings + at) + 1;
    }
    u32 n = length(name) + 1;
    for (u32 i = 0; i < n; i++)
        strings[at + i] = name[i];
    string_bytes += n;
    return at;
}

/* An array of arrays: no pointers, so the image runs at any page. */
static const char names[PROPS][12] = {"compatible", "reg", "interrupts", "status"};

static void name_of(char *s, u32 i)
{
    const char *stem = i & 1 ? "serial@" : "memory@";
    while (*stem)
        *s++ = *stem++;
    for (int shift = 12; shift >= 0; shift -= 4)
        *s++ = "0123456789abcdef"[i * 0x111 >> shift & 15];
    *s = 0;
}

static u8 *put_string(u8 *p, const char *s)
{
    do
        *p++ = *s;
    while (*s++);
    while ((u64)p & 3)
        *p++ = 0;
    return p;
}

static u32 build(void)
{
    u8 *p = put32(tree, BEGIN_NODE);
    char name[16];
    p = put32(p, 0);
    for (u32 i = 0; i < NODES; i++) {
        p = put32(p, BEGIN_NODE);
        name_of(name, i);
        p = put_string(p, name);
        for (u32 k = 0; k < PROPS; k++) {
            u32 n = 4 * (1 + (i + k) % 4);
            p = put32(p, PROP);
            p = put32(p, n);
            p = put32(p, string_offset(names[k]));
            for (u32 j = 0; j < n; j += 4)
                p = put32(p, next_random());
        }
        p = put32(p, END_NODE);
    }
    p = put32(p, END_NODE);
    p = put32(p, END);
    return p - tree;
}

static u64 find(const char *node, const char *property)
{
    const u8 *p = tree;
    int depth = 0, inside = 0;
    for (;;) {
        u32 token = be32(p);
        p += 4;
        switch (token) {
        case BEGIN_NODE:
            depth++;
            inside = depth == 2 && compare((const char *)p, node) == 0;
            p += (length((const char *)p) + 4) & ~3u;
            break;
        case END_NODE:
            depth--;
            inside = 0;
            break;
        case PROP: {
            u32 n = be32(p);
            if (inside && compare(strings + be32(p + 4), property) == 0) {
                u64 sum = n;
                for (u32 i = 0; i < n; i += 4)
                    sum = sum * 31 + be32(p + 8 + i);
                return sum;
            }
            p += 8 + ((n + 3) & ~3u);
            break;
        }
        default:
            return 0;
        }
    }
}

static u64 walk(void)
{
    u64 sum = 0;
    char name[16];
    for (u32 i = 0; i < NODES; i++) {
        name_of(name, i);
        for (u32 k = 0; k < PROPS; k++)
            sum = sum * 33 ^ find(name, names[k]);
    }
    return sum;
}

static u32 crc(const u8 *p, u32 n)
{
    u32 c = ~0u;
    if (!crc_table[1]) {
        for (u32 i = 0; i < 256; i++) {
            u32 r = i;
            for (int b = 0; b < 8; b++)
                r = r & 1 ? r >> 1 ^ 0xedb88320u : r >> 1;
            crc_table[i] = r;
        }
    }
    while (n--)
        c = c >> 8 ^ crc_table[(c ^ *p++) & 255];
    return ~c;
}

static __attribute__((noinline)) void sort(int *a, long lo, long hi)
{
    while (lo < hi) {
        int pivot = a[(lo + hi) / 2];
        long i = lo, j = hi;
        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i <= j) {
                int t = a[i];
                a[i++] = a[j];
                a[j--] = t;
            }
        }
        sort(a, lo, j);
        lo = i;
    }
}

static u64 sorting(void)
{
    u64 sum = 0;
    for (int i = 0; i < SORT; i++)
        numbers[i] = next_random() ^ 0x55;
    sort(numbers, 0, SORT - 1);
    for (int i = 0; i < SORT; i++)
        sum = sum * 17 + (u64)numbers[i] + (i && numbers[i - 1] > numbers[i]);
    return sum;
}

static struct entry *lookup(u64 key)
{
    struct entry *e = buckets[(key * 0x9e3779b97f4a7c15ul) >> 58];
    while (e && e->key != key)
        e = e->next;
    return e;
}

static u64 hashing(void)
{
    u64 sum = 0;
    for (int i = 0; i < BUCKETS; i++)
        buckets[i] = 0;
    for (int i = 0; i < KEYS; i++) {
        struct entry *e = &entries[i];
        e->key = next_random() & 0x3ff;
        e->value = i;
        struct entry **head = &buckets[(e->key * 0x9e3779b97f4a7c15ul) >> 58];
        e->next = *head;
        *head = e;
    }
    for (u64 key = 0; key < 1024; key++) {
        struct entry *e = lookup(key);
        sum = sum * 7 + (e ? e->value : key);
    }
    return sum;
}

#ifdef HOST
int printf(const char *, ...);
u64 work(u64);
int main(void)
{
    printf("%016lx\n", work(42));
}
#endif

u64 work(u64 start)
{
    seed = start;
    u32 n = build();
    u64 digest = walk();
    for (int i = 0; i < 8; i++)
        digest = digest * 5 + crc(tree, n);
    digest = digest * 5 + sorting();
    return digest * 5 + hashing();
}
