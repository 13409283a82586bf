/* Describes what a path below a slot is, and where a link at its end leads. */
#include "run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096
#define LINKS_MAX 255

/* Takes the first component of `rest` off it; false at the end. */
static bool next_component(char *rest, char *component) {
	size_t slashes = strspn(rest, "/"), length = strcspn(rest + slashes, "/");
	memcpy(component, rest + slashes, length);
	component[length] = '\0';
	memmove(rest, rest + slashes + length, strlen(rest + slashes + length) + 1);
	return length > 0;
}

/* Reads the target when `path` is a link and returns its length, else 0. A missing file is no link. */
static long link_target(struct context *context, uint32_t at, const char *path, char *target) {
	long fd = open_at(context, at, path, O_PATH | O_NOFOLLOW, 0, 0);
	if (fd == -ENOENT || fd == -ENOTDIR) return 0;
	autoclose int opened = (int)CHECK(fd);
	struct stat status;
	TRY(fstat(opened, &status));
	if (!S_ISLNK(status.st_mode)) return 0;
	long length = TRY(readlinkat(opened, "", target, PATH_SIZE - 1));
	target[length] = '\0';
	return length;
}

/*
 * Resolves a path as Docker's FollowSymlinkInScope does: follows every link on the way below the slot, and takes
 * missing parts as they are written.
 */
static long resolve(struct context *context, uint32_t at, const char *path, char *out) {
	static char rest[2 * PATH_SIZE], component[PATH_SIZE], target[PATH_SIZE];
	size_t length = 0, links = 0;
	if (append(rest, PATH_SIZE, 0, path) == PATH_SIZE) return -ENAMETOOLONG;
	out[0] = '\0';
	while (next_component(rest, component)) {
		if (strcmp(component, ".") == 0) continue;
		if (strcmp(component, "..") == 0) {
			while (length > 0 && out[--length] != '/') continue;
			out[length] = '\0';
			continue;
		}
		size_t parent = length;
		length = append(out, PATH_SIZE, length, "/");
		length = length == PATH_SIZE ? length : append(out, PATH_SIZE, length, component);
		if (length == PATH_SIZE) return -ENAMETOOLONG;
		long found = CHECK(link_target(context, at, out, target));
		if (found == 0) continue;
		if (++links > LINKS_MAX) return -ELOOP;
		length = target[0] == '/' ? 0 : parent;
		out[length] = '\0';
		size_t left = strlen(rest);
		if ((size_t)found + left + 1 > PATH_SIZE) return -ENAMETOOLONG;
		memmove(rest + found, rest, left + 1);
		memcpy(rest, target, (size_t)found);
	}
	if (length == 0) strcpy(out, "/");
	return 0;
}

static uint8_t *put(uint8_t *out, uint64_t value, unsigned size) {
	for (unsigned i = 0; i < size; i++) *out++ = (uint8_t)(value >> (8 * i));
	return out;
}

long op_path_stat(struct context *context, const union value *a) {
	static char target[PATH_SIZE];
	const char *path = a[PATH_STAT_PATH].string;
	uint32_t at = a[PATH_STAT_AT].number;
	autoclose int fd = (int)CHECK(open_at(context, at, path, O_PATH | O_NOFOLLOW, 0, 0));
	struct stat status;
	TRY(fstat(fd, &status));
	target[0] = '\0';
	if (S_ISLNK(status.st_mode)) CHECK(resolve(context, at, path, target));
	/* The answers of all steps are sent together. */
	size_t length = strlen(target);
	uint8_t *answer = malloc(24 + length);
	if (answer == NULL) return -ENOMEM;
	uint8_t *end = put(answer, status.st_mode, 4);
	end = put(end, (uint64_t)status.st_size, 8);
	end = put(end, (uint64_t)status.st_mtime, 8);
	end = put(end, (uint64_t)status.st_mtim.tv_nsec, 4);
	memcpy(end, target, length);
	context->data = (struct blob){answer, (uint32_t)(24 + length)};
	return 0;
}
