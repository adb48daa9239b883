/*
 * Asks libfdt what Baton's own device tree code is compared with. Built by the tests: gcc -O1 -o oracle libfdt-oracle.c -lfdt
 *
 *   oracle check    stdin: 'S' len bytes            the seed
 *                          'M' length n (off val)*  the seed cut or zero-filled to length, n bytes changed
 *                   stdout, per 'M': the result of fdt_check_full (int32) and a class (int32):
 *                     1 libfdt read outside the tree and was stopped by a signal
 *                     2 a property's length wraps around 32 bits, on which libfdt before 1.7 may never return; not asked
 *                     4 a block is not aligned, which libfdt refuses since 1.7.1
 *   oracle script   stdin: one call per line, stdout: its result and a hash of the tree after it
 *
 * All binary numbers are big-endian 32-bit words.
 */
#include <libfdt.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CRASHED = 1, WRAPS = 2, UNALIGNED = 4 };

static sigjmp_buf after_crash;

static void crashed(int sig)
{
	(void)sig;
	siglongjmp(after_crash, 1);
}

static void *need(void *p)
{
	if (!p) {
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	return p;
}

static uint32_t read_word(void)
{
	unsigned char w[4];

	if (fread(w, 1, 4, stdin) != 4) {
		fprintf(stderr, "stdin ended inside a record\n");
		exit(1);
	}
	return (uint32_t)w[0] << 24 | w[1] << 16 | w[2] << 8 | w[3];
}

static void write_word(uint32_t v)
{
	unsigned char w[4] = { v >> 24, v >> 16, v >> 8, v };

	fwrite(w, 1, 4, stdout);
}

/* Whether the walk of fdt_check_full would meet a property whose end is beyond 31 bits; ends where fdt_next_tag would. */
static int wraps(const unsigned char *t, uint32_t len)
{
	const unsigned char *base = t + fdt_off_dt_struct(t);
	uint64_t at = 0, limit;

	if (fdt_totalsize(t) > len || fdt_off_dt_struct(t) > fdt_totalsize(t))
		return 0;
	limit = fdt_totalsize(t) - fdt_off_dt_struct(t);
	if (fdt_version(t) >= 17 && fdt_size_dt_struct(t) < limit)
		limit = fdt_size_dt_struct(t);
	while (at + 4 <= limit) {
		uint64_t value_len;

		switch (fdt32_ld((const fdt32_t *)(base + at))) {
		case FDT_BEGIN_NODE:
			for (at += 4; at < limit && base[at]; at++)
				;
			at++;
			break;
		case FDT_PROP:
			if (at + 8 > limit)
				return 0;
			value_len = fdt32_ld((const fdt32_t *)(base + at + 4));
			if (at + 16 + value_len >= INT32_MAX)
				return 1;
			at += 12;
			if (fdt_version(t) < 16 && value_len >= 8 && at % 8)
				at += 4;
			at += value_len;
			break;
		case FDT_END_NODE:
		case FDT_NOP:
			at += 4;
			break;
		default:
			return 0;
		}
		at = (at + 3) & ~3ull;
	}
	return 0;
}

static unsigned char *seed;
static uint32_t seed_len;

static int check_main(void)
{
	int kind;

	signal(SIGSEGV, crashed);
	signal(SIGBUS, crashed);
	while ((kind = getchar()) != EOF) {
		uint32_t len = read_word(), n, i;
		volatile int result = 0, class = 0;
		unsigned char *t;

		if (kind == 'S') {
			seed = need(realloc(seed, len + 1));
			seed_len = fread(seed, 1, len, stdin);
			continue;
		}
		/* libfdt reads a version 2 header as if it had the later fields. */
		t = need(calloc(1, len + FDT_V17_SIZE));
		memcpy(t, seed, len < seed_len ? len : seed_len);
		n = read_word();
		for (i = 0; i < n; i++) {
			uint32_t off = read_word();

			t[off] = read_word();
		}
		if (len >= FDT_V17_SIZE && (fdt_off_mem_rsvmap(t) % 8 || fdt_off_dt_struct(t) % 4))
			class |= UNALIGNED;
		if (wraps(t, len))
			class |= WRAPS;
		else if (sigsetjmp(after_crash, 1))
			class |= CRASHED;
		else
			result = fdt_check_full(t, len);
		write_word(result);
		write_word(class);
		free(t);
	}
	return 0;
}

/* Scripts */

static char *fdt;
static int size;

static int unhex(const char *hex, char *out)
{
	int n = 0;
	unsigned int byte;

	for (; hex[0] && hex[0] != '-'; hex += 2) {
		if (sscanf(hex, "%2x", &byte) != 1)
			exit(2);
		out[n++] = byte;
	}
	return n;
}

static int open_into(const void *old, int new_size)
{
	char *buf = need(calloc(1, new_size + 8));
	int err = fdt_open_into(old, buf, new_size);

	if (err) {
		free(buf);
		return err;
	}
	fdt = buf;
	size = new_size;
	return 0;
}

static unsigned long long hash(const char *p, long n)
{
	unsigned long long h = 0xcbf29ce484222325ull;

	for (; n > 0; n--)
		h = (h ^ (unsigned char)*p++) * 0x100000001b3ull;
	return h;
}

/* Offset of the node named by the first operand, or the error of looking for it. */
#define NODE fdt_path_offset(fdt, v[1])
#define WITH_NODE(node, call) ((node = NODE) < 0 ? node : (call))

static int step(char **v, char *value, char *answer)
{
	const char *op = v[0];
	int node, len;

#define IS(s) (!strcmp(op, s))
	if (IS("open")) {
		char *old = need(malloc(strlen(v[2]) + 8));

		unhex(v[2], old);
		return open_into(old, atoi(v[1]));
	}
	if (IS("grow"))
		return open_into(fdt, atoi(v[1]));
	if (IS("pack"))
		return fdt_pack(fdt);
	if (IS("set")) {
		len = unhex(v[3], value);
		return WITH_NODE(node, fdt_setprop(fdt, node, v[2], value, len));
	}
	if (IS("append")) {
		len = unhex(v[3], value);
		return WITH_NODE(node, fdt_appendprop(fdt, node, v[2], value, len));
	}
	if (IS("inplace")) {
		len = unhex(v[3], value);
		return WITH_NODE(node, fdt_setprop_inplace(fdt, node, v[2], value, len));
	}
	if (IS("range")) {
		int parent = fdt_path_offset(fdt, v[2]);

		return WITH_NODE(node, parent < 0 ? parent : fdt_appendprop_addrrange(fdt, parent, node, v[3],
			strtoull(v[4], NULL, 16), strtoull(v[5], NULL, 16)));
	}
	if (IS("del"))
		return WITH_NODE(node, fdt_delprop(fdt, node, v[2]));
	if (IS("nop"))
		return WITH_NODE(node, fdt_nop_property(fdt, node, v[2]));
	if (IS("add"))
		return WITH_NODE(node, fdt_add_subnode(fdt, node, v[2]));
	if (IS("rename"))
		return WITH_NODE(node, fdt_set_name(fdt, node, v[2]));
	if (IS("delnode"))
		return WITH_NODE(node, fdt_del_node(fdt, node));
	if (IS("nopnode"))
		return WITH_NODE(node, fdt_nop_node(fdt, node));
	if (IS("rsv"))
		return fdt_add_mem_rsv(fdt, strtoull(v[1], NULL, 16), strtoull(v[2], NULL, 16));
	if (IS("delrsv"))
		return fdt_del_mem_rsv(fdt, atoi(v[1]));
	if (IS("overlay")) {
		char *overlay = need(calloc(1, strlen(v[1]) + 8));

		unhex(v[1], overlay);
		len = fdt_overlay_apply(fdt, overlay);
		free(overlay);
		return len;
	}
	if (IS("path"))
		return NODE;
	if (IS("phandle"))
		return fdt_node_offset_by_phandle(fdt, strtoul(v[1], NULL, 16));
	if (IS("compatible"))
		return fdt_node_offset_by_compatible(fdt, atoi(v[1]), v[2]);
	if (IS("next"))
		return fdt_next_node(fdt, atoi(v[1]), NULL);
	if (IS("parent"))
		return fdt_parent_offset(fdt, atoi(v[1]));
	if (IS("first"))
		return fdt_first_subnode(fdt, atoi(v[1]));
	if (IS("sibling"))
		return fdt_next_subnode(fdt, atoi(v[1]));
	if (IS("pathof"))
		return fdt_get_path(fdt, atoi(v[1]), answer, 1000);
	if (IS("create")) {
		size = atoi(v[1]);
		fdt = need(calloc(1, size));
		return fdt_create(fdt, size);
	}
	if (IS("swrsv"))
		return fdt_add_reservemap_entry(fdt, strtoull(v[1], NULL, 16), strtoull(v[2], NULL, 16));
	if (IS("swtree"))
		return fdt_finish_reservemap(fdt);
	if (IS("swbegin"))
		return fdt_begin_node(fdt, v[1] ? v[1] : "");
	if (IS("swprop")) {
		len = unhex(v[2], value);
		return fdt_property(fdt, v[1], value, len);
	}
	if (IS("swend"))
		return fdt_end_node(fdt);
	if (IS("swfinish"))
		return fdt_finish(fdt);
	fprintf(stderr, "unknown call '%s'\n", op);
	exit(2);
}

static int script_main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, stdin)) > 0) {
		char *v[8] = { 0 }, *word, answer[1000] = "";
		char *value = need(malloc(n + 8));
		int i = 0, result;

		for (word = strtok(line, " \n"); word && i < 7; word = strtok(NULL, " \n"))
			v[i++] = word;
		result = step(v, value, answer);
		printf("%d %llx%s%s\n", result, fdt_magic(fdt) == FDT_MAGIC ? hash(fdt, fdt_totalsize(fdt)) : 0,
		       *answer ? " " : "", answer);
		free(value);
	}
	return 0;
}

int main(int argc, char **argv)
{
	return argc > 1 && !strcmp(argv[1], "check") ? check_main() : script_main();
}
