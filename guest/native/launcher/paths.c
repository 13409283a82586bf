#include "kernel.h"
#include "run.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096
#define LOOKUP_TRIES 32

long slot_fd(struct context *context, uint32_t slot) {
	if (slot >= SLOT_COUNT || context->slots[slot] < 0) return -EBADF;
	return context->slots[slot];
}

long put_slot(struct context *context, uint32_t slot, int fd) {
	if (slot >= SLOT_COUNT) {
		close(fd);
		return -EBADF;
	}
	if (context->slots[slot] >= 0) close(context->slots[slot]);
	context->slots[slot] = fd;
	return 0;
}

/* The path as openat2 takes it below a slot: relative, "." for the slot itself. */
static const char *below(const char *path) {
	while (*path == '/') path++;
	return *path == '\0' ? "." : path;
}

long open_at(struct context *context, uint32_t slot, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
	struct k_open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
	if (slot == SLOT_HOST) return SYS(k_openat2(AT_FDCWD, path, &how));
	/* A path stays below its slot in one of two ways: what would lead out is refused, or leads back in. */
	if (!(resolve & K_RESOLVE_BENEATH)) how.resolve |= K_RESOLVE_IN_ROOT;
	how.resolve |= K_RESOLVE_NO_MAGICLINKS;
	int root = (int)CHECK(slot_fd(context, slot));
	/*
	 * openat2(2) answers EAGAIN when a rename anywhere on the system leaves the kernel unsure of a `..`: then it must
	 * be called again.
	 */
	long fd = -EAGAIN;
	for (int tries = 0; fd == -EAGAIN && tries < LOOKUP_TRIES; tries++) fd = SYS(k_openat2(root, below(path), &how));
	return fd;
}

long open_parent(struct context *context, uint32_t slot, const char *path, bool make, const char **name) {
	const char *slash = strrchr(path, '/');
	*name = slash == NULL ? path : slash + 1;
	if (**name == '\0' || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0) return -EINVAL;
	char parent[PATH_SIZE] = "/";
	size_t length = slash == NULL ? 0 : (size_t)(slash - path);
	if (length >= sizeof parent) return -ENAMETOOLONG;
	if (length > 0) {
		memcpy(parent, path, length);
		parent[length] = '\0';
	}
	if (make) return make_directories(context, slot, parent, 0755);
	return open_at(context, slot, parent, O_PATH | O_DIRECTORY, 0, 0);
}

/* Makes the last component alone; -ENOENT when others are missing too. */
static long make_last(struct context *context, uint32_t slot, const char *path, uint32_t mode) {
	const char *name;
	autoclose int parent = (int)CHECK(open_parent(context, slot, path, false, &name));
	return SYS(mkdirat(parent, name, mode));
}

/*
 * Each prefix is resolved from the root again, because only so a symlink in the middle is resolved inside it; the missing
 * component is made in the directory that the last prefix led to.
 */
long make_directories(struct context *context, uint32_t slot, const char *path, uint32_t mode) {
	long found = open_at(context, slot, path, O_PATH | O_DIRECTORY, 0, 0);
	if (found != -ENOENT) return found;
	if (make_last(context, slot, path, mode) == 0) return open_at(context, slot, path, O_PATH | O_DIRECTORY, 0, 0);
	char prefix[PATH_SIZE];
	size_t length = strlen(path);
	if (length >= sizeof prefix) return -ENAMETOOLONG;
	memcpy(prefix, path, length + 1);
	autoclose int directory = (int)CHECK(open_at(context, slot, "/", O_PATH | O_DIRECTORY, 0, 0));
	for (size_t end = 1; end <= length; end++) {
		if (prefix[end] != '/' && prefix[end] != '\0') continue;
		if (prefix[end - 1] == '/') continue;
		prefix[end] = '\0';
		const char *name = strrchr(prefix, '/');
		long next = open_at(context, slot, prefix, O_PATH | O_DIRECTORY, 0, 0);
		if (next == -ENOENT) {
			TRY(mkdirat(directory, name == NULL ? prefix : name + 1, mode));
			next = open_at(context, slot, prefix, O_PATH | O_DIRECTORY, 0, 0);
		}
		CHECK(next);
		close(directory);
		directory = (int)next;
		if (end < length) prefix[end] = '/';
	}
	return take_fd(&directory);
}

long open_mount_point(struct context *context, uint32_t slot, const char *path, bool directory) {
	long found = open_at(context, slot, path, O_PATH, 0, 0);
	if (found != -ENOENT) return found;
	if (directory) return make_directories(context, slot, path, 0755);
	const char *name;
	autoclose int parent = (int)CHECK(open_parent(context, slot, path, true, &name));
	return SYS(openat(parent, name, O_CREAT | O_EXCL | O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0755));
}
