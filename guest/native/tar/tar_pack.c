/* Packs a file tree: depth first, names in byte order, so that equal trees give equal bytes. */
#define _GNU_SOURCE
#include "kernel.h"
#include "tar.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* Arguments of the op, as in ops.json. */
#define PACK_TOP 1
#define PACK_UPPER 2
#define PACK_OMIT 4

#define WHITEOUT ".wh."
#define OPAQUE_MARKER ".wh..wh..opq"

/* A directory on the way down. Its header is written with its first member, or at its end. */
struct level {
	struct level *parent;
	int fd;
	struct stat status;
	/* Length of its name in the packer's path. */
	size_t length;
	bool written, holds_excluded;
};

/* Names of files with several links, by device and inode. */
struct link {
	struct link *next;
	uint64_t device, inode;
	char name[];
};

#define LINK_BUCKETS 1024

struct packer {
	struct sink sink;
	uint32_t flags;
	char *const *exclude;
	/* The member's name in the archive, and where the name below the tree's top begins in it. */
	char path[TAR_PATH];
	size_t below;
	struct link *links[LINK_BUCKETS];
};

bool is_archived_attribute(const char *name) {
	if (strcmp(name, "security.capability") == 0) return true;
	return strncmp(name, "user.", 5) == 0 && strncmp(name, "user.overlay.", 13) != 0;
}

/* Reads attribute by attribute; a file system without any has none. */
static long add_attributes(struct records *records, int fd) {
	static char names[65536], value[65536], key[300] = "SCHILY.xattr.";
	long size = SYS(flistxattr(fd, names, sizeof names));
	if (size == -EOPNOTSUPP || size == 0) return 0;
	CHECK(size);
	for (char *name = names; name < names + size; name += strlen(name) + 1) {
		if (!is_archived_attribute(name)) continue;
		long length = SYS(fgetxattr(fd, name, value, sizeof value));
		if (length == -ENODATA) continue;
		CHECK(length);
		if (append(key, sizeof key, 13, name) == sizeof key) return -ENAMETOOLONG;
		CHECK(records_add(records, key, value, (size_t)length));
	}
	return 0;
}

static bool is_excluded(const struct packer *packer) {
	const char *name = packer->path + packer->below;
	for (char *const *exclude = packer->exclude; *exclude != NULL; exclude++)
		if (strcmp(name, *exclude) == 0) return true;
	return false;
}

static struct member member_of(const struct packer *packer, const struct stat *status, char type) {
	return (struct member){
	    .name = packer->path,
	    .type = type,
	    .mode = status->st_mode,
	    .uid = status->st_uid,
	    .gid = status->st_gid,
	    .mtime = status->st_mtime,
	    .link = "",
	};
}

/*
 * Refuses a redirect: a tar cannot express that a directory of another layer was renamed, so overlays are mounted
 * without.
 */
static long refuse_redirect(int fd) {
	long size = SYS(fgetxattr(fd, "trusted.overlay.redirect", NULL, 0));
	return size >= 0 ? -EXDEV : 0;
}

static long write_marker(struct packer *packer, const struct stat *status, const char *name) {
	struct records records = {NULL, 0, 0};
	struct member marker = member_of(packer, status, TAR_FILE);
	marker.name = name;
	marker.mode &= 0777;
	long result = write_member(&packer->sink, &marker, &records);
	records_free(&records);
	return result;
}

static long write_opaque(struct packer *packer, struct level *level) {
	char name[TAR_PATH];
	size_t length = append(name, sizeof name, 0, packer->path);
	if (length > 0) length = append_slash(name, sizeof name, length);
	if (append(name, sizeof name, length, OPAQUE_MARKER) == sizeof name) return -ENAMETOOLONG;
	return write_marker(packer, &level->status, name);
}

/* Writes the directory's header and those of its parents; cuts the path to each one for the moment. */
static long write_directory(struct packer *packer, struct level *level) {
	if (level == NULL || level->written) return 0;
	CHECK(write_directory(packer, level->parent));
	level->written = true;
	char cut = packer->path[level->length];
	packer->path[level->length] = '\0';
	long result = 0;
	if (level->parent != NULL || packer->flags & PACK_TOP) {
		struct records records = {NULL, 0, 0};
		struct member member = member_of(packer, &level->status, TAR_DIRECTORY);
		result = add_attributes(&records, level->fd);
		if (result == 0) result = write_member(&packer->sink, &member, &records);
		records_free(&records);
	}
	if (result == 0 && packer->flags & PACK_UPPER) result = refuse_redirect(level->fd);
	if (result == 0 && packer->flags & PACK_UPPER && is_opaque(level->fd)) result = write_opaque(packer, level);
	packer->path[level->length] = cut;
	return result;
}

/* Fills a file that shrinks meanwhile up with zeros, and cuts one that grows, because the header has been sent. */
static long write_content(struct packer *packer, int fd, uint64_t size) {
	uint64_t left = size;
	while (left > 0) {
		uint8_t *room;
		size_t length = (size_t)CHECK(sink_room(&packer->sink, &room));
		if (length > left) length = (size_t)left;
		long count = SYS(read(fd, room, length));
		if (count == -EINTR) continue;
		if (CHECK(count) == 0) break;
		sink_filled(&packer->sink, (size_t)count);
		left -= (uint64_t)count;
	}
	return sink_zeros(&packer->sink, left + -size % TAR_BLOCK);
}

/* The name under which the file is in the archive already; NULL when this is its first. */
static long known_link(struct packer *packer, const struct stat *status, const char **known) {
	struct link **bucket = &packer->links[(status->st_ino ^ status->st_dev) % LINK_BUCKETS];
	*known = NULL;
	for (struct link *link = *bucket; link != NULL; link = link->next)
		if (link->inode == status->st_ino && link->device == status->st_dev) *known = link->name;
	if (*known != NULL) return 0;
	struct link *link = malloc(sizeof *link + strlen(packer->path) + 1);
	if (link == NULL) return -ENOMEM;
	*link = (struct link){*bucket, status->st_dev, status->st_ino};
	strcpy(link->name, packer->path);
	*bucket = link;
	return 0;
}

static long pack_regular(struct packer *packer, struct level *level, const char *name) {
	autoclose int fd = (int)TRY(openat(level->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
	struct stat status;
	TRY(fstat(fd, &status));
	/* The file is gone and something else has its place. */
	if (!S_ISREG(status.st_mode)) return 0;
	struct member member = member_of(packer, &status, TAR_FILE);
	if (status.st_nlink > 1) {
		CHECK(known_link(packer, &status, &member.link));
		if (member.link != NULL) member.type = TAR_HARD_LINK;
		else member.link = "";
	}
	if (member.type == TAR_FILE) member.size = (uint64_t)status.st_size;
	struct records records = {NULL, 0, 0};
	long result = add_attributes(&records, fd);
	if (result == 0) result = write_member(&packer->sink, &member, &records);
	records_free(&records);
	CHECK(result);
	return write_content(packer, fd, member.size);
}

static long pack_symlink(struct packer *packer, struct level *level, const char *name, const struct stat *status) {
	char target[TAR_PATH];
	long length = TRY(readlinkat(level->fd, name, target, sizeof target));
	if (length == sizeof target) return -ENAMETOOLONG;
	target[length] = '\0';
	struct member member = member_of(packer, status, TAR_SYMLINK);
	member.link = target;
	struct records records = {NULL, 0, 0};
	long result = write_member(&packer->sink, &member, &records);
	records_free(&records);
	return result;
}

static long pack_special(struct packer *packer, const struct stat *status, char type) {
	struct member member = member_of(packer, status, type);
	if (type != TAR_FIFO) {
		member.major = major(status->st_rdev);
		member.minor = minor(status->st_rdev);
	}
	struct records records = {NULL, 0, 0};
	long result = write_member(&packer->sink, &member, &records);
	records_free(&records);
	return result;
}

static long pack_whiteout(struct packer *packer, const char *name, const struct stat *status) {
	char marker[TAR_PATH + sizeof WHITEOUT];
	size_t length = (size_t)(strlen(packer->path) - strlen(name));
	memcpy(marker, packer->path, length);
	marker[length] = '\0';
	length = append(marker, sizeof marker, length, WHITEOUT);
	append(marker, sizeof marker, length, name);
	return write_marker(packer, status, marker);
}

static long pack_directory(struct packer *packer, struct level *parent, int fd, bool excluded);

static long pack_found(struct packer *packer, struct level *level, const char *name, const struct stat *status) {
	if (packer->flags & PACK_OMIT && is_excluded(packer)) return 0;
	if (S_ISDIR(status->st_mode)) {
		autoclose int fd = (int)TRY(openat(level->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
		return pack_directory(packer, level, fd, is_excluded(packer));
	}
	if (S_ISREG(status->st_mode) && status->st_size == 0 && is_excluded(packer)) {
		level->holds_excluded = true;
		return 0;
	}
	/* A socket means nothing without the process that listens on it. */
	if (S_ISSOCK(status->st_mode)) return 0;
	CHECK(write_directory(packer, level));
	switch (status->st_mode & S_IFMT) {
	case S_IFREG: return pack_regular(packer, level, name);
	case S_IFLNK: return pack_symlink(packer, level, name, status);
	case S_IFIFO: return pack_special(packer, status, TAR_FIFO);
	case S_IFBLK: return pack_special(packer, status, TAR_BLOCK_DEVICE);
	}
	if (packer->flags & PACK_UPPER && status->st_rdev == 0) return pack_whiteout(packer, name, status);
	return pack_special(packer, status, TAR_CHARACTER);
}

/* Leaves out what disappears while the tree is read. */
static long pack_entry(struct packer *packer, struct level *level, const char *name) {
	struct stat status;
	size_t length = level->length;
	if (length > 0) length = append_slash(packer->path, sizeof packer->path, length);
	if (append(packer->path, sizeof packer->path, length, name) == sizeof packer->path) return -ENAMETOOLONG;
	long result = SYS(fstatat(level->fd, name, &status, AT_SYMLINK_NOFOLLOW));
	if (result == 0) result = pack_found(packer, level, name, &status);
	if (result < 0 && result != -ENOENT && packer->sink.context->data.size == 0) blame(packer->sink.context, packer->path);
	packer->path[level->length] = '\0';
	return result == -ENOENT ? 0 : result;
}

static int by_name(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All names but . and .., sorted; the caller frees each and the list. */
static long read_names(int fd, char ***names, size_t *count) {
	int copy = (int)TRY(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *directory = fdopendir(copy);
	if (directory == NULL) {
		close(copy);
		return -ENOMEM;
	}
	size_t capacity = 0;
	long result = 0;
	for (struct dirent *entry; result == 0 && (entry = readdir(directory)) != NULL;) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
		if (*count == capacity) {
			capacity = capacity * 2 + 32;
			char **grown = realloc(*names, capacity * sizeof *grown);
			if (grown == NULL) {
				result = -ENOMEM;
				break;
			}
			*names = grown;
		}
		if (((*names)[*count] = strdup(entry->d_name)) == NULL) result = -ENOMEM;
		else ++*count;
	}
	closedir(directory);
	if (result == 0) qsort(*names, *count, sizeof **names, by_name);
	return result;
}

static long pack_directory(struct packer *packer, struct level *parent, int fd, bool excluded) {
	struct level level = {.parent = parent, .fd = fd, .length = strlen(packer->path), .holds_excluded = excluded};
	char **names = NULL;
	size_t count = 0;
	TRY(fstat(fd, &level.status));
	long result = read_names(fd, &names, &count);
	for (size_t i = 0; result == 0 && i < count; i++) result = pack_entry(packer, &level, names[i]);
	for (size_t i = 0; i < count; i++) free(names[i]);
	free(names);
	/* The directory was made or changed only because of the excluded files. */
	if (level.holds_excluded && !level.written && parent != NULL) parent->holds_excluded = true;
	else if (result == 0) result = write_directory(packer, &level);
	return result;
}

/* Allows one descriptor for each level: a path has at most half as many levels as bytes. */
static void allow_deep_trees(void) {
	struct rlimit limit = {.rlim_cur = TAR_PATH, .rlim_max = TAR_PATH};
	setrlimit(RLIMIT_NOFILE, &limit);
}

static long pack_single(struct packer *packer, struct context *context, const union value *a) {
	const char *name;
	autoclose int parent = (int)CHECK(open_parent(context, a[TAR_PACK_AT].number, a[TAR_PACK_PATH].string, false, &name));
	struct level level = {.fd = parent, .written = true};
	struct stat status;
	TRY(fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW));
	return pack_found(packer, &level, name, &status);
}

long op_tar_pack(struct context *context, const union value *a) {
	static struct packer packer;
	memset(&packer, 0, sizeof packer);
	packer.flags = a[TAR_PACK_FLAGS].number;
	packer.exclude = a[TAR_PACK_EXCLUDE].strings;
	sink_offer(&packer.sink, context);
	if (append(packer.path, sizeof packer.path, 0, a[TAR_PACK_NAME].string) == sizeof packer.path) return -ENAMETOOLONG;
	allow_deep_trees();
	uint32_t at = a[TAR_PACK_AT].number;
	const char *path = a[TAR_PACK_PATH].string;
	long fd = open_at(context, at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, 0);
	if (fd == -ENOTDIR || fd == -ELOOP) {
		CHECK(pack_single(&packer, context, a));
	} else {
		autoclose int directory = (int)CHECK(fd);
		size_t length = strlen(packer.path);
		packer.below = length == 0 || packer.path[length - 1] == '/' ? length : length + 1;
		CHECK(pack_directory(&packer, NULL, directory, false));
	}
	CHECK(sink_zeros(&packer.sink, 2 * TAR_BLOCK));
	return sink_flush(&packer.sink);
}
