/*
 * Archives: file trees to tar and back, over the connection that brought the plan. The format is POSIX pax (IEEE Std 1003.1,
 * pax, "pax Interchange Format") as Docker and OCI layers use it: seconds, extended attributes as SCHILY.xattr records.
 * A tree's files are reached only through descriptors below a slot, so nothing in it leads out of it.
 */
#pragma once

#include "run.h"

#include <sys/stat.h>

#define TAR_BLOCK 512
#define TAR_PATH 4096

/* Output frames on the plan's connection; the reports of the steps before go out ahead of the first. */
struct sink {
	struct context *context;
	size_t used;
	uint8_t buffer[65536];
};

void sink_open(struct sink *sink, struct context *context);
/* Room in the buffer, at least one byte; write there and call sink_filled. */
long sink_room(struct sink *sink, uint8_t **room);
void sink_filled(struct sink *sink, size_t size);
long sink_write(struct sink *sink, const void *data, size_t size);
long sink_zeros(struct sink *sink, uint64_t size);
long sink_flush(struct sink *sink);

/* A member of an archive. */
struct member {
	/* In the archive; a directory's without its slash. */
	const char *name;
	char type;
	uint32_t mode, uid, gid;
	uint64_t size;
	int64_t mtime;
	uint32_t major, minor;
	/* Target of a symbolic or hard link; else empty. */
	const char *link;
};

#define TAR_FILE '0'
#define TAR_HARD_LINK '1'
#define TAR_SYMLINK '2'
#define TAR_CHARACTER '3'
#define TAR_BLOCK_DEVICE '4'
#define TAR_DIRECTORY '5'
#define TAR_FIFO '6'

/* Records of a pax header as they are written: "length key=value\n". */
struct records {
	uint8_t *data;
	size_t size, capacity;
};

long records_add(struct records *records, const char *key, const void *value, size_t size);
void records_free(struct records *records);
/* Adds to `records` what the fields cannot hold, writes the pax header when there are any, and the member's. */
long write_member(struct sink *sink, const struct member *member, struct records *records);

/* Which attributes are a file's own: overlayfs's and the security modules' are not. */
bool is_archived_attribute(const char *name);
