/* Computes a number that changes with a file tree: a sum over names, inodes and times of change. */
#define _GNU_SOURCE
#include "kernel.h"
#include "run.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
#define FNV_OFFSET 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u
/* The sum, and whether it is settled. */
#define STAMP_SIZE 9

struct stamp {
	/* The sum over all entries, which does not depend on the order in which directories list them. */
	uint64_t sum;
	/* Nanoseconds since 1970. */
	uint64_t newest;
};

static uint64_t mix(uint64_t hash, const void *bytes, size_t size) {
	const uint8_t *from = bytes;
	for (size_t i = 0; i < size; i++) hash = (hash ^ from[i]) * FNV_PRIME;
	return hash;
}

/* `above` is the directory's own hash: the same name elsewhere is another entry. */
static uint64_t add_entry(struct stamp *stamp, uint64_t above, const char *name, const struct stat *status) {
	uint64_t changed = (uint64_t)status->st_ctim.tv_sec * 1000000000u + (uint64_t)status->st_ctim.tv_nsec;
	uint64_t inode = status->st_ino, hash = mix(mix(above, name, strlen(name) + 1), &inode, sizeof inode);
	stamp->sum += mix(hash, &changed, sizeof changed);
	if (changed > stamp->newest) stamp->newest = changed;
	return hash;
}

static long stamp_directory(struct stamp *stamp, uint64_t above, int fd);

/* An entry that disappears meanwhile has changed its directory. */
static long stamp_entry(struct stamp *stamp, uint64_t above, int parent, const char *name) {
	struct stat status;
	long result = SYS(fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW));
	if (result == -ENOENT) return 0;
	CHECK(result);
	uint64_t hash = add_entry(stamp, above, name, &status);
	if (!S_ISDIR(status.st_mode)) return 0;
	long fd = SYS(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP) return 0;
	return stamp_directory(stamp, hash, (int)CHECK(fd));
}

/* Closes `fd`. */
static long stamp_directory(struct stamp *stamp, uint64_t above, int fd) {
	DIR *directory = fdopendir(fd);
	if (directory == NULL) {
		close(fd);
		return -ENOMEM;
	}
	long result = 0;
	for (struct dirent *entry; result == 0 && (entry = readdir(directory)) != NULL;)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = stamp_entry(stamp, above, dirfd(directory), entry->d_name);
	closedir(directory);
	return result;
}

/* Reads the clock with which the kernel stamps changes: all changes within one of its ticks have one time. */
static uint64_t coarse_now(void) {
	struct timespec now;
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

long op_tree_stamp(struct context *context, const union value *a) {
	uint8_t *answer = malloc(STAMP_SIZE);
	if (answer == NULL) return -ENOMEM;
	struct stamp stamp = {0, 0};
	struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
	setrlimit(RLIMIT_NOFILE, &limit);
	uint64_t begun = coarse_now();
	long fd = CHECK(open_at(context, a[TREE_STAMP_AT].number, a[TREE_STAMP_PATH].string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, 0));
	struct stat status;
	long result = SYS(fstat((int)fd, &status));
	if (result < 0) {
		close((int)fd);
		return result;
	}
	CHECK(stamp_directory(&stamp, add_entry(&stamp, FNV_OFFSET, "", &status), (int)fd));
	for (unsigned i = 0; i < 8; i++) answer[i] = (uint8_t)(stamp.sum >> (8 * i));
	/* Only entries older than the tick in which the walk began cannot change again unseen. */
	answer[8] = stamp.newest < begun;
	context->data = (struct blob){answer, STAMP_SIZE};
	return 0;
}
