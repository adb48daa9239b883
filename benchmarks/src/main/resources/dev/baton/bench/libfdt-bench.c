/*
 * The operations of FdtBenchmarks, done with libfdt. FdtBenchmarks builds it at start: gcc -O2 -shared -fPIC -o ... -lfdt
 * Every function does one whole operation, so that one call from Java is one sample; a negative result is libfdt's error.
 */
#include <libfdt.h>
#include <string.h>

int bench_nothing(const void *fdt, int n)
{
	(void)fdt;
	return n;
}

int bench_parse(const void *fdt, int size)
{
	return fdt_check_full(fdt, size);
}

/* Looks up n paths that stand one behind the other; gives the sum of their offsets. */
int bench_lookup(const void *fdt, const char *paths, int n)
{
	int sum = 0;

	for (; n > 0; n--) {
		sum += fdt_path_offset(fdt, paths);
		paths += strlen(paths) + 1;
	}
	return sum;
}

/* Adds a property to /chosen and takes it away again. */
int bench_edit(void *fdt)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	int err = fdt_setprop_u64(fdt, chosen, "linux,initrd-start", 0x48000000);

	return err ? err : fdt_delprop(fdt, chosen, "linux,initrd-start");
}

/* Writes the whole tree anew, call by call; gives its size. */
int bench_rewrite(const void *fdt, void *out, int room)
{
	int offset, next = 0, len;
	const char *name;
	const void *value;

	fdt_create(out, room);
	fdt_finish_reservemap(out);
	for (;;) {
		offset = next;
		switch (fdt_next_tag(fdt, offset, &next)) {
		case FDT_BEGIN_NODE:
			fdt_begin_node(out, fdt_get_name(fdt, offset, NULL));
			break;
		case FDT_PROP:
			value = fdt_getprop_by_offset(fdt, offset, &name, &len);
			fdt_property(out, name, value, len);
			break;
		case FDT_END_NODE:
			fdt_end_node(out);
			break;
		case FDT_END:
			fdt_finish(out);
			return fdt_totalsize(out);
		}
	}
}
