/* A log that grows, and is renamed when it is full. */
#define _GNU_SOURCE
#include "log_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

/* Something that has been removed changes no more, but the reader waits for the end of the container. */
static long watch(int notifier, const char *path, uint32_t events) {
	long watched = SYS(inotify_add_watch(notifier, path, events));
	return watched == -ENOENT ? 0 : watched;
}

/* A successor is made a moment after the log was renamed, which its directory tells. */
static long watch_successor(int notifier, const char *path) {
	char directory[4096];
	size_t length = append(directory, sizeof directory, 0, path);
	if (length == sizeof directory) return -ENAMETOOLONG;
	char *slash = strrchr(directory, '/');
	if (slash == NULL) return -EINVAL;
	slash[slash == directory] = '\0';
	return watch(notifier, directory, IN_CREATE | IN_MOVED_TO);
}

static long forget_events(int notifier) {
	char events[4096];
	for (;;) {
		long count = SYS(read(notifier, events, sizeof events));
		if (count == -EAGAIN) return 0;
		if (count != -EINTR) CHECK(count);
	}
}

/* Returns 1 when the connection's stdin has ended. */
static long wait_for_more(struct source *source, int notifier) {
	struct pollfd events[] = {{.fd = notifier, .events = POLLIN}, {.fd = source->fd, .events = POLLIN}};
	long result = SYS(poll(events, ARRAY_SIZE(events), -1));
	if (result == -EINTR) return 0;
	CHECK(result);
	if (events[0].revents != 0) CHECK(forget_events(notifier));
	if (events[1].revents == 0) return 0;
	const uint8_t *data;
	return CHECK(source_next(source, UINT64_MAX, &data)) == 0;
}

/* Opens the log that has taken the name of the open one, if one has. */
static long open_successor(const char *path, int fd, int *successor) {
	struct stat named, opened;
	TRY(fstat(fd, &opened));
	if (stat(path, &named) < 0 || named.st_ino == opened.st_ino) return 0;
	*successor = (int)TRY(open(path, O_RDONLY | O_CLOEXEC));
	return 0;
}

long log_follow(struct log_reader *reader, const char *path, int *fd) {
	static struct source source;
	autoclose int notifier = (int)TRY(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
	source_open(&source, reader->sink.context->connection);
	CHECK(watch_successor(notifier, path));
	CHECK(watch(notifier, path, IN_MODIFY));
	for (bool over = false;;) {
		autoclose int successor = -1;
		CHECK(open_successor(path, *fd, &successor));
		/* It is read after the successor was looked for: nothing is written to a log that has been renamed. */
		if (CHECK(log_take(reader, *fd)) > 0) return 0;
		if (successor >= 0) {
			close(*fd);
			*fd = take_fd(&successor);
			CHECK(watch(notifier, path, IN_MODIFY));
			continue;
		}
		if (over) return 0;
		CHECK(log_flush(reader));
		over = CHECK(wait_for_more(&source, notifier)) > 0;
	}
}
