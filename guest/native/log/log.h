/* The container's log file in the CRI format: `2016-10-06T00:17:09.669794202Z stdout F line`; P marks a line's part. */
#pragma once

#include "common.h"

/* A record begins with `<time> stdout F `, whose length is the same for both streams and both tags. */
#define LOG_TIME 30
#define LOG_HEADER (LOG_TIME + 10)

/* A line that is longer is cut, as Docker's loggers do. */
#define LOG_LINE_MAX 16384

struct log_line {
	char *text;
	size_t length;
	/* CLOCK_REALTIME of its first byte. */
	uint64_t time;
};

struct log {
	int fd;
	const char *path;
	uint64_t size, max_bytes;
	struct log_line lines[2];
	/* The first error, which ends the log but not the container. */
	long error;
};

/* `path` may be empty: no log. */
void log_open(struct log *log, const char *path, uint64_t max_bytes);
/* stream: 1 stdout, 2 stderr. */
void log_write(struct log *log, unsigned stream, const char *data, size_t size);
/* Writes the rest, which has not ended in a newline, as a part of a line. */
void log_finish(struct log *log);
/* RFC 3339 with nanoseconds, UTC, into at least 31 bytes. */
void format_time(char *out, uint64_t nanoseconds);
