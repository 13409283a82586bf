/* Reading a container's log: log_read.c, log_follow.c. */
#pragma once

#include "plan_stream.h"

/* guest/runtime/plan/log-flags.ts has the same flags. */
enum log_flags {
	LOG_STDOUT = 1,
	LOG_STDERR = 2,
	LOG_TIMESTAMPS = 4,
	LOG_MULTIPLEX = 8,
	LOG_SHARE = 16,
	LOG_FOLLOW = 32,
	LOG_TAIL = 64,
};

struct log_reader {
	struct sink sink;
	uint32_t flags;
	const char *since, *until, *details;
	size_t details_length;
	/* The header of the last frame in the sink's buffer, which the next line may share; NULL when it has been sent. */
	uint8_t *frame;
	uint32_t frame_length;
	/* The beginning of a line whose end was not there yet. */
	size_t held;
	char lines[65536];
};

/* Takes lines from the file's offset to its end. Returns 1 when all that follow are later than was asked for. */
long log_take(struct log_reader *reader, int fd);
long log_flush(struct log_reader *reader);
/* Goes on over rotations until the connection's stdin has ended; `fd` is the open log, and then its successor. */
long log_follow(struct log_reader *reader, const char *path, int *fd);
