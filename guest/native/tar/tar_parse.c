/* Headers of an archive that is read. Everything in it is hostile until it has been checked. */
#include "tar.h"

#include <stdlib.h>
#include <string.h>

/* A pax header holds paths and attributes; the largest attribute is 64 KiB. */
#define RECORDS_MAX (1u << 20)

void tar_open(struct tar_reader *reader, struct source *source) {
	memset(reader, 0, sizeof *reader);
	reader->source = source;
}

/* -ENODATA when the archive ends within; `*missing` (may be NULL) tells whether nothing at all was left. */
static long read_bytes(struct tar_reader *reader, uint8_t *out, size_t size, bool *missing) {
	for (size_t have = 0; have < size;) {
		const uint8_t *data;
		long count = CHECK(source_next(reader->source, size - have, &data));
		if (missing != NULL) *missing = count == 0 && have == 0;
		if (count == 0) return -ENODATA;
		memcpy(out + have, data, (size_t)count);
		have += (size_t)count;
	}
	return 0;
}

static long skip(struct tar_reader *reader, uint64_t size) {
	while (size > 0) {
		const uint8_t *data;
		long count = CHECK(source_next(reader->source, size, &data));
		if (count == 0) return -ENODATA;
		size -= (uint64_t)count;
	}
	return 0;
}

/* Octal text, or GNU's big-endian binary with the top bit set. */
static long parse_number(const uint8_t *field, size_t width, int64_t *value) {
	uint64_t sum = 0;
	if (field[0] & 0x80) {
		bool negative = field[0] == 0xff;
		for (size_t i = 0; i + 8 < width; i++)
			if (field[i] != (i == 0 ? (negative ? 0xff : 0x80) : (negative ? 0xff : 0))) return -EBADMSG;
		size_t first = width > 8 ? width - 8 : 0;
		for (size_t i = first; i < width; i++) sum = sum << 8 | (i == 0 ? field[i] & 0x7f : field[i]);
		if (width > 8 && (sum >> 63) != negative) return -EBADMSG;
		if (width <= 8 && negative) return -EBADMSG;
		*value = (int64_t)sum;
		return 0;
	}
	size_t i = 0;
	while (i < width && field[i] == ' ') i++;
	for (; i < width && field[i] >= '0' && field[i] <= '7'; i++) sum = sum << 3 | (uint64_t)(field[i] - '0');
	for (; i < width; i++)
		if (field[i] != ' ' && field[i] != '\0') return -EBADMSG;
	*value = (int64_t)sum;
	return 0;
}

static long check_sum(const uint8_t *block) {
	int64_t expected;
	if (parse_number(block + 148, 8, &expected) < 0) return -EBADMSG;
	uint32_t sum = 8 * ' ';
	for (size_t i = 0; i < TAR_BLOCK; i++)
		if (i < 148 || i >= 156) sum += block[i];
	return sum == expected ? 0 : -EBADMSG;
}

static long set_text(char *out, const uint8_t *text, size_t size) {
	size_t length = strnlen((const char *)text, size);
	if (length >= TAR_PATH) return -ENAMETOOLONG;
	memcpy(out, text, length);
	out[length] = '\0';
	return 0;
}

static long decimal(const uint8_t *text, size_t size, int64_t *value, uint32_t *nanoseconds) {
	bool negative = size > 0 && text[0] == '-';
	size_t i = negative;
	uint64_t sum = 0;
	if (i == size) return -EBADMSG;
	for (; i < size && text[i] >= '0' && text[i] <= '9'; i++) {
		if (sum > (UINT64_MAX >> 1) / 10 - 1) return -EBADMSG;
		sum = sum * 10 + (uint64_t)(text[i] - '0');
	}
	uint32_t fraction = 0, unit = 100000000;
	if (i < size && text[i] == '.' && nanoseconds != NULL)
		for (i++; i < size && text[i] >= '0' && text[i] <= '9'; i++, unit /= 10) fraction += unit * (uint32_t)(text[i] - '0');
	if (i < size) return -EBADMSG;
	*value = negative ? -(int64_t)sum : (int64_t)sum;
	if (negative && fraction > 0) {
		--*value;
		fraction = 1000000000 - fraction;
	}
	if (nanoseconds != NULL) *nanoseconds = fraction;
	return 0;
}

static bool is_key(const char *key, size_t size, const char *name) {
	return strlen(name) == size && memcmp(key, name, size) == 0;
}

static long take_attribute(struct tar_reader *reader, char *name, size_t length, const uint8_t *value, size_t size) {
	name[length] = '\0';
	if (strlen(name) != length || length == 0) return -EBADMSG;
	if (!is_archived_attribute(name)) return 0;
	if (reader->attribute_count == MAX_ATTRIBUTES) return -EFBIG;
	size_t index = reader->attribute_count++;
	reader->attributes[index].name = name;
	reader->attributes[index].value = value;
	reader->attributes[index].size = size;
	return 0;
}

/* `key` must be writable: its '=' is replaced by the end of an attribute's name. */
static long take_record(struct tar_reader *reader, char *key, size_t length, const uint8_t *value, size_t size) {
	static const char attribute[] = "SCHILY.xattr.";
	struct member *member = &reader->member;
	int64_t number;
	if (length > sizeof attribute - 1 && memcmp(key, attribute, sizeof attribute - 1) == 0)
		return take_attribute(reader, key + sizeof attribute - 1, length - (sizeof attribute - 1), value, size);
	if (length > 11 && memcmp(key, "GNU.sparse.", 11) == 0) return -EOPNOTSUPP;
	if (is_key(key, length, "path") || is_key(key, length, "linkpath")) {
		bool is_path = length == 4;
		if (memchr(value, '\0', size) != NULL) return -EBADMSG;
		*(is_path ? &reader->has_name : &reader->has_link) = true;
		return set_text(is_path ? reader->name : reader->link, value, size);
	}
	if (is_key(key, length, "mtime")) {
		reader->has_mtime = true;
		return decimal(value, size, &member->mtime, &reader->nanoseconds);
	}
	bool is_size = is_key(key, length, "size"), is_uid = is_key(key, length, "uid");
	if (!is_size && !is_uid && !is_key(key, length, "gid")) return 0;
	CHECK(decimal(value, size, &number, NULL));
	if (number < 0 || (!is_size && number > UINT32_MAX)) return -EBADMSG;
	if (is_size) member->size = (uint64_t)number;
	else *(is_uid ? &member->uid : &member->gid) = (uint32_t)number;
	*(is_size ? &reader->has_size : is_uid ? &reader->has_uid : &reader->has_gid) = true;
	return 0;
}

/* Parses "length key=value\n"; the length counts itself and the newline. */
static long take_records(struct tar_reader *reader, uint8_t *data, size_t size) {
	while (size > 0) {
		size_t digits = 0, length = 0;
		while (digits < size && digits < 8 && data[digits] >= '0' && data[digits] <= '9')
			length = length * 10 + (size_t)(data[digits++] - '0');
		if (digits == 0 || digits == size || data[digits] != ' ' || length > size || length < digits + 3) return -EBADMSG;
		if (data[length - 1] != '\n') return -EBADMSG;
		char *key = (char *)data + digits + 1;
		size_t rest = length - digits - 2;
		uint8_t *equals = memchr(key, '=', rest);
		if (equals == NULL) return -EBADMSG;
		size_t key_length = (size_t)(equals - (uint8_t *)key);
		CHECK(take_record(reader, key, key_length, equals + 1, rest - key_length - 1));
		data += length;
		size -= length;
	}
	return 0;
}

static uint32_t padding_of(uint64_t size) {
	return (uint32_t)(-size % TAR_BLOCK);
}

static long read_block(struct tar_reader *reader, uint8_t **data, uint64_t size) {
	if (size > RECORDS_MAX) return -EFBIG;
	*data = malloc((size_t)size + 1);
	if (*data == NULL) return -ENOMEM;
	CHECK(read_bytes(reader, *data, (size_t)size, NULL));
	return skip(reader, padding_of(size));
}

/* Attributes point into the records, so they live until the next. */
static long read_records(struct tar_reader *reader, uint64_t size) {
	free(reader->records);
	reader->records = NULL;
	reader->attribute_count = 0;
	CHECK(read_block(reader, &reader->records, size));
	return take_records(reader, reader->records, (size_t)size);
}

static long read_long_text(struct tar_reader *reader, uint64_t size, char *out, bool *has) {
	uint8_t *text = NULL;
	long result = read_block(reader, &text, size);
	if (result == 0) result = set_text(out, text, (size_t)size);
	free(text);
	*has = true;
	return result;
}

/* Reads a header about the next member; ignores global ones. */
static long read_extension(struct tar_reader *reader, char type, uint64_t size) {
	switch (type) {
	case 'x': return read_records(reader, size);
	case 'L': return read_long_text(reader, size, reader->name, &reader->has_name);
	case 'K': return read_long_text(reader, size, reader->link, &reader->has_link);
	default: return size > RECORDS_MAX ? -EFBIG : skip(reader, size + padding_of(size));
	}
}

static bool is_extension(char type) {
	return type == 'x' || type == 'g' || type == 'L' || type == 'K';
}

static long take_name(struct tar_reader *reader, const uint8_t *block) {
	size_t prefix = memcmp(block + 257, "ustar\0", 6) == 0 ? strnlen((const char *)block + 345, 155) : 0;
	if (prefix > 0) {
		memcpy(reader->name, block + 345, prefix);
		reader->name[prefix++] = '/';
	}
	return set_text(reader->name + prefix, block, 100);
}

static long take_numbers(struct tar_reader *reader, const uint8_t *block) {
	struct member *member = &reader->member;
	int64_t mode, uid, gid, size, mtime, major, minor;
	CHECK(parse_number(block + 100, 8, &mode));
	CHECK(parse_number(block + 108, 8, &uid));
	CHECK(parse_number(block + 116, 8, &gid));
	CHECK(parse_number(block + 124, 12, &size));
	CHECK(parse_number(block + 136, 12, &mtime));
	CHECK(parse_number(block + 329, 8, &major));
	CHECK(parse_number(block + 337, 8, &minor));
	if (size < 0 || uid < 0 || uid > UINT32_MAX || gid < 0 || gid > UINT32_MAX) return -EBADMSG;
	member->mode = (uint32_t)mode & 07777;
	member->major = (uint32_t)major;
	member->minor = (uint32_t)minor;
	if (!reader->has_uid) member->uid = (uint32_t)uid;
	if (!reader->has_gid) member->gid = (uint32_t)gid;
	if (!reader->has_size) member->size = (uint64_t)size;
	if (!reader->has_mtime) {
		member->mtime = mtime;
		reader->nanoseconds = 0;
	}
	return 0;
}

/* An old archive marks a directory only by the slash at the end of its name. */
static char type_of(char letter, const char *name) {
	if (letter != '\0' && letter != TAR_FILE && letter != '7') return letter;
	size_t length = strlen(name);
	return length > 0 && name[length - 1] == '/' ? TAR_DIRECTORY : TAR_FILE;
}

static long take_member(struct tar_reader *reader, const uint8_t *block) {
	struct member *member = &reader->member;
	CHECK(take_numbers(reader, block));
	if (!reader->has_name) CHECK(take_name(reader, block));
	if (!reader->has_link) CHECK(set_text(reader->link, block + 157, 100));
	member->name = reader->name;
	member->link = reader->link;
	member->type = type_of((char)block[156], reader->name);
	/* Only a file has content; some writers also give a hard link a size, and write no content. */
	bool has_content = member->type == TAR_FILE || member->type > '7' || member->type < '0';
	if (!has_content) member->size = 0;
	if (member->size > (UINT64_MAX >> 2)) return -EBADMSG;
	reader->left = member->size;
	reader->padding = padding_of(member->size);
	return 1;
}

static bool is_zero(const uint8_t *block) {
	for (size_t i = 0; i < TAR_BLOCK; i++)
		if (block[i] != 0) return false;
	return true;
}

long tar_next(struct tar_reader *reader) {
	uint8_t block[TAR_BLOCK];
	CHECK(skip(reader, reader->left + reader->padding));
	reader->left = reader->padding = 0;
	reader->has_name = reader->has_link = reader->has_size = reader->has_uid = reader->has_gid = reader->has_mtime = false;
	reader->attribute_count = 0;
	for (;;) {
		bool missing;
		long result = read_bytes(reader, block, sizeof block, &missing);
		if (result == -ENODATA && missing) return 0;
		CHECK(result);
		if (is_zero(block)) return 0;
		CHECK(check_sum(block));
		char type = (char)block[156];
		if (!is_extension(type)) return take_member(reader, block);
		int64_t size;
		CHECK(parse_number(block + 124, 12, &size));
		if (size < 0) return -EBADMSG;
		CHECK(read_extension(reader, type, (uint64_t)size));
	}
}

long tar_read(struct tar_reader *reader, const uint8_t **data) {
	if (reader->left == 0) return 0;
	long count = CHECK(source_next(reader->source, reader->left, data));
	if (count == 0) return -ENODATA;
	reader->left -= (uint64_t)count;
	return count;
}
