/*
 * The client's stdin or stdout joined with a named pipe: archives go that way between it and a step of the launcher, past the
 * engine. The bytes are spliced, which moves pages between two pipes and copies nothing. Nothing here blocks, because a
 * peer that neither reads nor writes must not keep signals from being passed on.
 */
#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a pipe holds. */
#define SPLICED_BYTES 65536
/* What a pipe takes without blocking once poll says it is writable (PIPE_BUF). */
#define COPIED_BYTES 4096
#define PATH_BYTES 128

static int pipe_end = -1;
static int from, to;
static char path[PATH_BYTES];
static uint64_t moved;
/* The peer has opened the pipe, whose name nobody needs any more. */
static int joined;
/* There is something to move, so that it is worth waiting for room. */
static int filled;
/* There is no splicing: between two files, with a terminal, and where a file is appended to. */
static int copies;
/* The bytes that a copy takes at once. */
static size_t step;

/* Bytes that were read before, or that a write did not take. */
static unsigned char ahead[PIPE_AHEAD];
static size_t ahead_at, ahead_end;

static int begin(int descriptor, int source, int target) {
	pipe_end = descriptor;
	from = source < 0 ? descriptor : source;
	to = target < 0 ? descriptor : target;
	moved = 0;
	joined = filled = copies = 0;
	step = COPIED_BYTES;
	return descriptor < 0 ? -1 : 0;
}

/* The page takes an upload by a file in the place of a pipe; that takes as much as it is given. */
static void use_file(void) {
	struct stat status;
	if (fstat(pipe_end, &status) < 0 || !S_ISREG(status.st_mode))
		return;
	copies = 1;
	step = READ_BYTES;
}

static int take_path(const unsigned char *message, size_t length) {
	if (length == 0 || length >= sizeof path)
		return -1;
	memcpy(path, message, length);
	path[length] = '\0';
	return 0;
}

int pipe_stdin(const unsigned char *message, size_t length) {
	if (length == 0 || length < 1u + message[0] || take_path(message + 1, message[0]) < 0)
		return -1;
	size_t head = length - 1 - message[0];
	if (head > sizeof ahead)
		return -1;
	memcpy(ahead, message + 1 + message[0], head);
	ahead_at = 0;
	ahead_end = head;
	if (begin(open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC), 0, -1) < 0)
		return -1;
	use_file();
	return 0;
}

int pipe_stdout(const unsigned char *message, size_t length) {
	if (take_path(message, length) < 0 || mkfifo(path, 0600) < 0)
		return -1;
	ahead_at = ahead_end = 0;
	if (begin(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), -1, 1) == 0)
		return 0;
	unlink(path);
	return -1;
}

uint64_t pipe_moved(void) { return moved; }

void pipe_forget(void) {
	if (pipe_end >= 0 && from == pipe_end && !joined)
		unlink(path);
}

static int finish(enum pipe_end how) {
	close(pipe_end);
	pipe_end = -1;
	return (int)how;
}

void pipe_watch(struct pollfd polled[2]) {
	int waits = ahead_at < ahead_end || filled;
	polled[0] = (struct pollfd){.fd = pipe_end < 0 || waits ? -1 : from, .events = POLLIN};
	/* Without events the pipe still tells that its reader has gone. */
	polled[1] = (struct pollfd){.fd = pipe_end < 0 || (!waits && to == 1) ? -1 : to, .events = waits ? POLLOUT : 0};
}

/* Returns the bytes that were moved, 0 at the end, and -1 with EAGAIN when there was nothing to do. */
static ssize_t move(void) {
	if (ahead_at < ahead_end) {
		size_t length = ahead_end - ahead_at;
		if (to == 1)
			return (ssize_t)write_some(1, ahead + ahead_at, length);
		return write(to, ahead + ahead_at, length < step ? length : step);
	}
	if (!copies) {
		ssize_t spliced = splice(from, NULL, to, NULL, SPLICED_BYTES, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
		if (spliced >= 0 || errno != EINVAL)
			return spliced;
		copies = 1;
	}
	ssize_t length = read(from, ahead, step);
	if (length <= 0)
		return length;
	ahead_at = 0;
	ahead_end = (size_t)length;
	errno = EAGAIN;
	return -1;
}

static int serve_writable(void) {
	int was_ahead = ahead_at < ahead_end;
	filled = 0;
	ssize_t length = move();
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return -1;
	if (length < 0 && to == 1 && errno == EPIPE)
		output_lost();
	/* A terminal that is gone reads as an error, which ends the input as its end does. */
	if ((length == 0 && !was_ahead) || (length < 0 && errno == EIO))
		return finish(PIPE_WHOLE);
	if (length < 0)
		return finish(PIPE_BROKEN);
	moved += (uint64_t)length;
	if (was_ahead)
		ahead_at += (size_t)length;
	return -1;
}

int pipe_serve(const struct pollfd polled[2]) {
	if (pipe_end < 0)
		return -1;
	if (polled[1].revents & POLLOUT)
		return serve_writable();
	if (polled[1].revents)
		return to == 1 ? serve_writable() : finish(PIPE_BROKEN);
	if (polled[0].revents) {
		filled = 1;
		if (from == pipe_end && !joined)
			joined = unlink(path) == 0;
	}
	return -1;
}
