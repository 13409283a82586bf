/* The connection that brought a host plan, as a stream of bytes: for steps that move files, not names of files. */
#pragma once

#include "run.h"

/* Output frames on the plan's connection; the reports of earlier steps are sent before the first frame. */
struct sink {
	struct context *context;
	size_t used;
	uint8_t buffer[65536];
};

void sink_open(struct sink *sink, struct context *context);
/* Gives room of at least one byte in the buffer; the caller writes there and calls sink_filled. */
long sink_room(struct sink *sink, uint8_t **room);
void sink_filled(struct sink *sink, size_t size);
long sink_write(struct sink *sink, const void *data, size_t size);
long sink_zeros(struct sink *sink, uint64_t size);
long sink_flush(struct sink *sink);

/* The connection's stdin messages as a stream. */
struct source {
	int fd;
	uint32_t frame_left;
	size_t at, end;
	bool ended;
	uint8_t buffer[65536];
};

void source_open(struct source *source, int fd);
/* Gives what is buffered, at most `limit` bytes; 0 at the end. -EPIPE when the sender has gone. */
long source_next(struct source *source, uint64_t limit, const uint8_t **data);
/* Reads and drops the rest, because the sender sends all of it. */
long source_drain(struct source *source);
