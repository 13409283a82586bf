/*
 * Archives: file trees to tar and back, as a plan's output and input. The format is POSIX pax (IEEE Std 1003.1,
 * pax, "pax Interchange Format") as Docker and OCI layers use it: seconds, extended attributes as SCHILY.xattr records.
 * A tree's files are reached only through descriptors below a slot, so nothing in it leads out of it.
 */
#pragma once

#include "plan_stream.h"

#include <sys/stat.h>

#define TAR_BLOCK 512
#define TAR_PATH 4096

/* A member of an archive. */
struct member {
	/* In the archive; a directory's without its slash, unless it is the slash alone. */
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

/* Whether a directory of an overlay's layer hides what the layers below have there. */
bool is_opaque(int fd);

/* Which attributes are a file's own: overlayfs's and the security modules' are not. */
bool is_archived_attribute(const char *name);

#define MAX_ATTRIBUTES 64

/* An archive that is read: pax and GNU headers are resolved, the rest of a content that was not read is skipped. */
struct tar_reader {
	struct source *source;
	struct member member;
	/* The nanoseconds of the member's time; its seconds are in the member. */
	uint32_t nanoseconds;
	struct {
		const char *name;
		const uint8_t *value;
		size_t size;
	} attributes[MAX_ATTRIBUTES];
	size_t attribute_count;
	/* Content not yet read, and the zeros after it. */
	uint64_t left;
	uint32_t padding;
	char name[TAR_PATH], link[TAR_PATH];
	bool has_name, has_link, has_size, has_uid, has_gid, has_mtime;
	uint8_t *records;
};

void tar_open(struct tar_reader *reader, struct source *source);
/* 1: a member; 0: the archive's end. -EBADMSG: no archive; -ENODATA: cut off; -EFBIG, -ENAMETOOLONG, -EOPNOTSUPP. */
long tar_next(struct tar_reader *reader);
/* The next bytes of the member's content; 0 at its end. */
long tar_read(struct tar_reader *reader, const uint8_t **data);
