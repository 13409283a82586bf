/* Which directories of an overlay's upper directory hide what lies below them: `docker diff` has to look for what is gone there. */
#include "tar.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/xattr.h>

bool is_opaque(int fd) {
	char value;
	return fgetxattr(fd, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

struct search {
	/* Of the directory that is searched, below the first; with its NUL it is the directory's name in the answer. */
	char path[TAR_PATH];
	uint8_t *answer;
	uint32_t size;
};

static long add_path(struct search *search) {
	uint32_t length = (uint32_t)strlen(search->path) + 1;
	uint8_t *grown = realloc(search->answer, search->size + length);
	if (grown == NULL) return -ENOMEM;
	memcpy(grown + search->size, search->path, length);
	search->answer = grown;
	search->size += length;
	return 0;
}

static long search_directory(struct search *search, int fd);

/* Programs go on writing meanwhile: what is no directory any more is none. */
static long search_entry(struct search *search, int parent, const char *name) {
	size_t end = strlen(search->path);
	if (append(search->path, TAR_PATH, append(search->path, TAR_PATH, end, "/"), name) == TAR_PATH) return -ENAMETOOLONG;
	long fd = SYS(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	bool is_none = fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP;
	long result = is_none ? 0 : fd < 0 ? fd : search_directory(search, (int)fd);
	search->path[end] = '\0';
	return result;
}

/* Closes `fd`. */
static long search_directory(struct search *search, int fd) {
	long result = is_opaque(fd) ? add_path(search) : 0;
	DIR *directory = fdopendir(fd);
	if (directory == NULL) {
		close(fd);
		return -ENOMEM;
	}
	for (struct dirent *entry; result == 0 && (entry = readdir(directory)) != NULL;)
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = search_entry(search, dirfd(directory), entry->d_name);
	closedir(directory);
	return result;
}

long op_opaque_directories(struct context *context, const union value *a) {
	static struct search search;
	struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
	setrlimit(RLIMIT_NOFILE, &limit);
	uint32_t at = a[OPAQUE_DIRECTORIES_AT].number;
	long fd = CHECK(open_at(context, at, a[OPAQUE_DIRECTORIES_PATH].string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, 0));
	CHECK(search_directory(&search, (int)fd));
	context->data = (struct blob){search.answer, search.size};
	return 0;
}
