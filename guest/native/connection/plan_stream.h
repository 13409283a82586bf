/*
 * What a host plan reads and writes besides its messages: a stream of bytes each way, for steps that move files, not names
 * of files. It goes in messages of the connection that brought the plan, through the engine, or by a named pipe, past it.
 */
#pragma once

#include "run.h"

/* The plan's output; the reports of earlier steps are sent before the first of it. */
struct sink {
	struct context *context;
	/* The engine says where the output goes, once it is known that there is some. */
	bool asks;
	size_t used;
	uint8_t buffer[65536];
};

/* Output in messages. */
void sink_open(struct sink *sink, struct context *context);
/* Output in messages or into a pipe, as the engine chooses. */
void sink_offer(struct sink *sink, struct context *context);
/* Gives room of at least one byte in the buffer; the caller writes there and calls sink_filled. */
long sink_room(struct sink *sink, uint8_t **room);
void sink_filled(struct sink *sink, size_t size);
long sink_write(struct sink *sink, const void *data, size_t size);
long sink_zeros(struct sink *sink, uint64_t size);
/* -EPIPE when the pipe's reader has gone. */
long sink_flush(struct sink *sink);
/* Ends the pipe that the plan's output went into, if it went into one, and tells how much that was. */
long output_end(struct context *context);

/* The plan's input, from stdin messages of the connection or from the pipe that one of them names. */
struct source {
	int fd;
	/* -1 while messages bring the bytes. */
	int pipe;
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
