/* Headers of an archive that is written. */
#include "tar.h"

#include <stdlib.h>
#include <string.h>

/* POSIX ustar header block. */
struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2], user[32],
	    group[32], major[8], minor[8], prefix[155], padding[12];
};
_Static_assert(sizeof(struct header) == TAR_BLOCK, "a header is one block");

static long records_reserve(struct records *records, size_t extra) {
	if (records->capacity - records->size >= extra) return 0;
	size_t capacity = records->capacity * 2 + extra;
	uint8_t *grown = realloc(records->data, capacity);
	if (grown == NULL) return -ENOMEM;
	records->data = grown;
	records->capacity = capacity;
	return 0;
}

void records_free(struct records *records) {
	free(records->data);
	*records = (struct records){NULL, 0, 0};
}

/* The length in a record counts its own digits. */
long records_add(struct records *records, const char *key, const void *value, size_t size) {
	size_t rest = strlen(key) + size + 3;
	char number[21];
	size_t total = rest + 1;
	while (rest + format_decimal(number, total) != total) total = rest + strlen(number);
	CHECK(records_reserve(records, total));
	uint8_t *out = records->data + records->size;
	size_t digits = strlen(number);
	memcpy(out, number, digits);
	out += digits;
	*out++ = ' ';
	memcpy(out, key, strlen(key));
	out += strlen(key);
	*out++ = '=';
	memcpy(out, value, size);
	out[size] = '\n';
	records->size += total;
	return 0;
}

static long add_number(struct records *records, const char *key, int64_t value) {
	char text[22] = "-";
	bool negative = value < 0;
	size_t length = format_decimal(text + negative, negative ? 0 - (uint64_t)value : (uint64_t)value);
	return records_add(records, key, text, length + negative);
}

/* Writes octal digits and a NUL; a number that does not fit becomes a record. */
static long put_number(char *field, size_t width, uint64_t value) {
	for (size_t i = width - 1; i-- > 0; value >>= 3) field[i] = (char)('0' + (value & 7));
	field[width - 1] = '\0';
	return value > 0 ? -EOVERFLOW : 0;
}

static long put_or_record(char *field, size_t width, int64_t value, const char *key, struct records *records) {
	if (value >= 0 && put_number(field, width, (uint64_t)value) == 0) return 0;
	put_number(field, width, 0);
	return add_number(records, key, value);
}

static void put_text(char *field, size_t width, const char *text, size_t length) {
	memcpy(field, text, length < width ? length : width);
}

/* Cuts a long name at a slash into prefix and name, where that suffices. */
static long put_name(struct header *header, const char *name, size_t length, struct records *records) {
	if (length <= sizeof header->name) {
		put_text(header->name, sizeof header->name, name, length);
		return 0;
	}
	for (size_t cut = length - 1; cut > 0; cut--) {
		if (name[cut] != '/' || cut > sizeof header->prefix || length - cut - 1 == 0) continue;
		if (length - cut - 1 > sizeof header->name) break;
		put_text(header->prefix, sizeof header->prefix, name, cut);
		put_text(header->name, sizeof header->name, name + cut + 1, length - cut - 1);
		return 0;
	}
	put_text(header->name, sizeof header->name, name, length);
	return records_add(records, "path", name, length);
}

static long put_link(struct header *header, const char *link, struct records *records) {
	size_t length = strlen(link);
	put_text(header->link, sizeof header->link, link, length);
	return length > sizeof header->link ? records_add(records, "linkpath", link, length) : 0;
}

static long write_header(struct sink *sink, struct header *header) {
	memcpy(header->magic, "ustar", 6);
	memcpy(header->version, "00", 2);
	memset(header->checksum, ' ', sizeof header->checksum);
	uint32_t sum = 0;
	for (size_t i = 0; i < sizeof *header; i++) sum += ((const uint8_t *)header)[i];
	put_number(header->checksum, 7, sum);
	return sink_write(sink, header, sizeof *header);
}

static long write_records(struct sink *sink, const struct records *records) {
	struct header header = {.type = 'x'};
	static const char name[] = "PaxHeaders.0";
	put_text(header.name, sizeof header.name, name, sizeof name);
	put_number(header.mode, sizeof header.mode, 0644);
	put_number(header.uid, sizeof header.uid, 0);
	put_number(header.gid, sizeof header.gid, 0);
	put_number(header.mtime, sizeof header.mtime, 0);
	CHECK(put_number(header.size, sizeof header.size, records->size));
	CHECK(write_header(sink, &header));
	CHECK(sink_write(sink, records->data, records->size));
	return sink_zeros(sink, -records->size % TAR_BLOCK);
}

long write_member(struct sink *sink, const struct member *member, struct records *records) {
	struct header header = {.type = member->type};
	char name[TAR_PATH + 2];
	size_t length = append(name, sizeof name, 0, member->name);
	if (member->type == TAR_DIRECTORY) length = append_slash(name, sizeof name, length);
	if (length >= sizeof name) return -ENAMETOOLONG;
	CHECK(put_name(&header, name, length, records));
	CHECK(put_link(&header, member->link, records));
	CHECK(put_number(header.mode, sizeof header.mode, member->mode & 07777));
	CHECK(put_or_record(header.uid, sizeof header.uid, member->uid, "uid", records));
	CHECK(put_or_record(header.gid, sizeof header.gid, member->gid, "gid", records));
	CHECK(put_or_record(header.size, sizeof header.size, (int64_t)member->size, "size", records));
	CHECK(put_or_record(header.mtime, sizeof header.mtime, member->mtime, "mtime", records));
	CHECK(put_number(header.major, sizeof header.major, member->major));
	CHECK(put_number(header.minor, sizeof header.minor, member->minor));
	if (records->size > 0) CHECK(write_records(sink, records));
	return write_header(sink, &header);
}
