/*
 * An archive into a directory, as Docker's untar does it (moby, pkg/archive: Unpack, createTarFile). Every directory is
 * looked up below the slot at once (openat2 RESOLVE_IN_ROOT), never through a name that was looked up before.
 */
#define _GNU_SOURCE
#include "kernel.h"
#include "tar.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* Flags of the op. */
#define UNPACK_KEEP_KINDS 1
#define UNPACK_OWNER 2
#define UNPACK_MODE 4
#define UNPACK_USER 8
#define UNPACK_BELOW 16

/* A directory whose time is set once nothing more is put into it. */
struct dated {
	struct dated *next;
	struct timespec time;
	char path[];
};

struct unpacker {
	struct context *context;
	uint32_t at, flags, uid, gid, mode;
	/* The members' first name and what it becomes, or both NULL. */
	const char *old_name, *new_name;
	/* Of the destination and the member below the slot: absolute, clean. */
	char destination[TAR_PATH];
	size_t destination_length;
	char path[TAR_PATH];
	/* The directory that members were put into last; -1 when it must be looked up again. */
	int parent;
	char parent_path[TAR_PATH];
	struct dated *dated;
};

/*
 * Removes empty, `.` and `..` components. A `..` above the start stays there when the start is a root, and is -EXDEV
 * otherwise. `out` gets no leading slash.
 */
static long clean(const char *path, bool is_root, char *out, size_t size) {
	size_t length = 0;
	out[0] = '\0';
	while (*path != '\0') {
		size_t part = strcspn(path, "/");
		if (part == 2 && path[0] == '.' && path[1] == '.') {
			if (length == 0 && !is_root) return -EXDEV;
			while (length > 0 && out[length - 1] != '/') length--;
			if (length > 0) length--;
		} else if (part > 0 && !(part == 1 && path[0] == '.')) {
			if (length + part + 2 > size) return -ENAMETOOLONG;
			if (length > 0) out[length++] = '/';
			memcpy(out + length, path, part);
			length += part;
		}
		out[length] = '\0';
		path += part;
		while (*path == '/') path++;
	}
	return (long)length;
}

/*
 * Turns a name of the archive into one of the destination: clean, and with the first component replaced where that is
 * wanted.
 */
static long place(const struct unpacker *unpacker, const char *path, char *out, size_t size) {
	bool is_root = unpacker->destination_length == 0 && !(unpacker->flags & UNPACK_BELOW);
	long length = CHECK(clean(path, is_root, out, size));
	if (unpacker->old_name == NULL) return length;
	size_t old = strlen(unpacker->old_name), new = strlen(unpacker->new_name);
	if (strncmp(out, unpacker->old_name, old) != 0 || (old > 0 && out[old] != '/' && out[old] != '\0')) return length;
	/* An archive of `.` has no first name, so the new one is put before its names. */
	bool adds = old == 0 && length > 0;
	if (new + adds + (size_t)length - old + 1 > size) return -ENAMETOOLONG;
	memmove(out + new + adds, out + old, (size_t)length - old + 1);
	memcpy(out, unpacker->new_name, new);
	if (adds) out[new] = '/';
	return length - (long)old + (long)new + adds;
}

static void forget_parent(struct unpacker *unpacker) {
	if (unpacker->parent >= 0) close(unpacker->parent);
	unpacker->parent = -1;
}

/* Opens a directory below the slot and makes the missing part of its path. */
static long open_directory(struct unpacker *unpacker, const char *path) {
	long fd = open_at(unpacker->context, unpacker->at, path, O_PATH | O_DIRECTORY, 0, 0);
	if (fd != -ENOENT) return fd;
	fd = make_directories(unpacker->context, unpacker->at, path, 0755);
	/* A link that leads nowhere stands in the way. */
	return fd == -EEXIST ? -ENOENT : fd;
}

/* The directory of `path` (absolute, clean), and its last name. */
static long use_parent(struct unpacker *unpacker, const char *path, const char **name) {
	char parent[TAR_PATH];
	const char *slash = strrchr(path, '/');
	size_t length = (size_t)(slash - path);
	memcpy(parent, path, length);
	parent[length] = '\0';
	*name = slash + 1;
	if (unpacker->parent >= 0 && strcmp(parent, unpacker->parent_path) == 0) return unpacker->parent;
	forget_parent(unpacker);
	unpacker->parent = (int)CHECK(open_directory(unpacker, length == 0 ? "/" : parent));
	strcpy(unpacker->parent_path, parent);
	return unpacker->parent;
}

/* Removes `name` with all below it; follows no link and enters no mount point of another file system. */
static long remove_all(int parent, const char *name) {
	long result = SYS(unlinkat(parent, name, 0));
	if (result != -EISDIR && result != -EPERM) return result;
	int fd = (int)TRY(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	DIR *directory = fdopendir(fd);
	if (directory == NULL) {
		close(fd);
		return -ENOMEM;
	}
	result = 0;
	for (struct dirent *entry; result == 0 && (entry = readdir(directory)) != NULL;)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) result = remove_all(dirfd(directory), entry->d_name);
	closedir(directory);
	return result < 0 ? result : SYS(unlinkat(parent, name, AT_REMOVEDIR));
}

/* Makes room for the member: returns 1 when a directory stays in its place, 0 when the place is free. */
static long make_room(const struct unpacker *unpacker, int parent, const char *name, bool wants_directory) {
	struct stat status;
	long result = SYS(fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW));
	if (result == -ENOENT) return 0;
	CHECK(result);
	bool is_directory = S_ISDIR(status.st_mode);
	if (unpacker->flags & UNPACK_KEEP_KINDS && is_directory && !wants_directory) return -EISDIR;
	if (unpacker->flags & UNPACK_KEEP_KINDS && !is_directory && wants_directory) return -EEXIST;
	if (is_directory && wants_directory) return 1;
	return remove_all(parent, name);
}

static long write_file(struct tar_reader *reader, int fd) {
	const uint8_t *data;
	for (;;) {
		long size = CHECK(tar_read(reader, &data));
		if (size == 0) return 0;
		CHECK(write_all(fd, data, (size_t)size));
	}
}

/*
 * Refuses a target that leaves the destination when joined to the link's directory, as Docker does, which joins
 * absolute targets too.
 */
static long check_link(const struct unpacker *unpacker, const char *target) {
	if (unpacker->destination_length == 0) return 0;
	char joined[2 * TAR_PATH], cleaned[TAR_PATH];
	const char *slash = strrchr(unpacker->path, '/');
	size_t length = (size_t)(slash - unpacker->path) + 1;
	memcpy(joined, unpacker->path, length);
	joined[length] = '\0';
	if (append(joined, sizeof joined, length, target) == sizeof joined) return -ENAMETOOLONG;
	CHECK(clean(joined, false, cleaned, sizeof cleaned));
	return strncmp(cleaned, unpacker->destination + 1, unpacker->destination_length - 1) != 0 ? -EXDEV : 0;
}

static long make_hard_link(struct unpacker *unpacker, int parent, const char *name, const char *target) {
	char path[TAR_PATH];
	memcpy(path, unpacker->destination, unpacker->destination_length);
	path[unpacker->destination_length] = '/';
	size_t start = unpacker->destination_length + 1;
	CHECK(place(unpacker, target, path + start, sizeof path - start));
	const char *slash = strrchr(path, '/');
	char directory[TAR_PATH] = "/";
	memcpy(directory, path, (size_t)(slash - path));
	if (slash > path) directory[slash - path] = '\0';
	autoclose int from = (int)CHECK(open_at(unpacker->context, unpacker->at, directory, O_PATH | O_DIRECTORY, 0, 0));
	return SYS(linkat(from, slash + 1, parent, name, 0));
}

static long make_device(int parent, const char *name, const struct member *member) {
	mode_t kind = member->type == TAR_FIFO ? S_IFIFO : member->type == TAR_CHARACTER ? S_IFCHR : S_IFBLK;
	return SYS(mknodat(parent, name, kind | 0600, member->type == TAR_FIFO ? 0 : makedev(member->major, member->minor)));
}

/* Sets the owner first, because that clears set-id bits and capabilities. */
static long set_attributes(struct unpacker *unpacker, const struct tar_reader *reader, int fd) {
	const struct member *member = &reader->member;
	bool own = unpacker->flags & UNPACK_OWNER;
	TRY(fchown(fd, own ? unpacker->uid : member->uid, own ? unpacker->gid : member->gid));
	for (size_t i = 0; i < reader->attribute_count; i++) {
		long result = SYS(fsetxattr(fd, reader->attributes[i].name, reader->attributes[i].value, reader->attributes[i].size, 0));
		if (result != -EOPNOTSUPP && result != -EPERM) CHECK(result);
	}
	return SYS(fchmod(fd, unpacker->flags & UNPACK_MODE ? unpacker->mode : member->mode));
}

/* Sets attributes of links, devices and fifos by name, because opening them means something else. */
static long set_named_attributes(struct unpacker *unpacker, const struct tar_reader *reader, int parent, const char *name) {
	const struct member *member = &reader->member;
	bool own = unpacker->flags & UNPACK_OWNER;
	TRY(fchownat(parent, name, own ? unpacker->uid : member->uid, own ? unpacker->gid : member->gid, AT_SYMLINK_NOFOLLOW));
	if (member->type == TAR_SYMLINK) return 0;
	return SYS(k_fchmodat2(parent, name, unpacker->flags & UNPACK_MODE ? unpacker->mode : member->mode, AT_SYMLINK_NOFOLLOW));
}

static struct timespec time_of(const struct tar_reader *reader) {
	return (struct timespec){.tv_sec = (time_t)reader->member.mtime, .tv_nsec = (long)reader->nanoseconds};
}

static long set_time(int at, const char *name, struct timespec time) {
	struct timespec times[2] = {time, time};
	return SYS(utimensat(at, name, times, AT_SYMLINK_NOFOLLOW));
}

static long unpack_file(struct unpacker *unpacker, struct tar_reader *reader, int parent, const char *name) {
	autoclose int fd = (int)TRY(openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600));
	CHECK(write_file(reader, fd));
	CHECK(set_attributes(unpacker, reader, fd));
	struct timespec time = time_of(reader), times[2] = {time, time};
	return SYS(futimens(fd, times));
}

static long remember_time(struct unpacker *unpacker, const struct tar_reader *reader) {
	struct dated *dated = malloc(sizeof *dated + strlen(unpacker->path) + 1);
	if (dated == NULL) return -ENOMEM;
	dated->next = unpacker->dated;
	dated->time = time_of(reader);
	strcpy(dated->path, unpacker->path);
	unpacker->dated = dated;
	return 0;
}

static long unpack_directory(struct unpacker *unpacker, struct tar_reader *reader, int parent, const char *name, bool there) {
	if (!there) TRY(mkdirat(parent, name, 0700));
	autoclose int fd = (int)TRY(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	CHECK(set_attributes(unpacker, reader, fd));
	return remember_time(unpacker, reader);
}

static long unpack_special(struct unpacker *unpacker, struct tar_reader *reader, int parent, const char *name) {
	const struct member *member = &reader->member;
	switch (member->type) {
	case TAR_HARD_LINK: return make_hard_link(unpacker, parent, name, member->link);
	case TAR_SYMLINK:
		CHECK(check_link(unpacker, member->link));
		TRY(symlinkat(member->link, parent, name));
		break;
	case TAR_CHARACTER:
	case TAR_BLOCK_DEVICE:
	case TAR_FIFO: CHECK(make_device(parent, name, member)); break;
	default: return -EOPNOTSUPP;
	}
	CHECK(set_named_attributes(unpacker, reader, parent, name));
	return set_time(parent, name, time_of(reader));
}

static long unpack_member(struct unpacker *unpacker, struct tar_reader *reader) {
	const struct member *member = &reader->member;
	memcpy(unpacker->path, unpacker->destination, unpacker->destination_length);
	unpacker->path[unpacker->destination_length] = '/';
	size_t start = unpacker->destination_length + 1;
	long length = CHECK(place(unpacker, member->name, unpacker->path + start, sizeof unpacker->path - start));
	/* The destination keeps its own attributes. */
	if (length == 0 && member->type == TAR_DIRECTORY) return 0;
	if (length == 0) return -EISDIR;
	const char *name;
	int parent = (int)CHECK(use_parent(unpacker, unpacker->path, &name));
	bool is_directory = member->type == TAR_DIRECTORY;
	long there = CHECK(make_room(unpacker, parent, name, is_directory));
	if (is_directory) return unpack_directory(unpacker, reader, parent, name, there);
	if (member->type == TAR_FILE) return unpack_file(unpacker, reader, parent, name);
	return unpack_special(unpacker, reader, parent, name);
}

/* Skips a directory that a later member replaced: it has no time any more. */
static long set_directory_times(struct unpacker *unpacker) {
	for (struct dated *dated = unpacker->dated; dated != NULL; dated = dated->next) {
		char *slash = strrchr(dated->path, '/');
		*slash = '\0';
		long fd = open_at(unpacker->context, unpacker->at, dated->path, O_PATH | O_DIRECTORY, 0, 0);
		if (fd == -ENOENT || fd == -ENOTDIR) continue;
		autoclose int parent = (int)CHECK(fd);
		long result = set_time(parent, slash + 1, dated->time);
		if (result != -ENOENT) CHECK(result);
	}
	return 0;
}

static long unpack_all(struct unpacker *unpacker, struct tar_reader *reader) {
	for (;;) {
		long more = CHECK(tar_next(reader));
		if (more == 0) return set_directory_times(unpacker);
		long result = unpack_member(unpacker, reader);
		if (result < 0) blame(unpacker->context, reader->member.name);
		CHECK(result);
	}
}

static long open_destination(struct unpacker *unpacker, const char *path) {
	unpacker->destination[0] = '/';
	long length = CHECK(clean(path, false, unpacker->destination + 1, sizeof unpacker->destination - 1));
	unpacker->destination_length = length == 0 ? 0 : (size_t)length + 1;
	autoclose int fd = (int)CHECK(open_at(unpacker->context, unpacker->at, unpacker->destination, O_PATH | O_DIRECTORY, 0, 0));
	return 0;
}

long op_tar_unpack(struct context *context, const union value *a) {
	static struct source source;
	static struct tar_reader reader;
	static struct unpacker unpacker;
	if (context->connection < 0) return -EINVAL;
	source_open(&source, context->connection);
	tar_open(&reader, &source);
	unpacker = (struct unpacker){
	    .context = context,
	    .at = a[TAR_UNPACK_AT].number,
	    .flags = a[TAR_UNPACK_FLAGS].number,
	    .uid = a[TAR_UNPACK_UID].number,
	    .gid = a[TAR_UNPACK_GID].number,
	    .mode = a[TAR_UNPACK_MODE].number,
	    .parent = -1,
	};
	char *const *rename = a[TAR_UNPACK_RENAME].strings;
	if (rename[0] != NULL && rename[1] != NULL) {
		unpacker.old_name = rename[0];
		unpacker.new_name = rename[1];
	}
	if (unpacker.flags & UNPACK_USER) {
		unpacker.flags |= UNPACK_OWNER;
		unpacker.uid = context->uid;
		unpacker.gid = context->gid;
	}
	long result = open_destination(&unpacker, a[TAR_UNPACK_PATH].string);
	if (result == 0) result = unpack_all(&unpacker, &reader);
	forget_parent(&unpacker);
	/* The rest is read whatever failed, because the sender sends all of it. */
	long drained = result == -EPIPE || result == -EPROTO ? 0 : source_drain(&source);
	return result < 0 ? result : drained;
}
