#define _GNU_SOURCE
#include "plan_stream.h"
#include "shim.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

/* Frame header and the stream's number. */
#define OUTPUT_HEADER (FRAME_HEADER + 1)
/* The longest path of a pipe, with its end. */
#define PIPE_PATH 128
/* The engine is told so often how much has gone into a pipe; somebody may watch. */
#define PIPED_STEP (1u << 20)

static void put_size(uint8_t *bytes, uint64_t size, unsigned width) {
	for (unsigned i = 0; i < width; i++) bytes[i] = (uint8_t)(size >> (8 * i));
}

static long read_some(int fd, void *data, size_t size) {
	for (;;) {
		long count = SYS(read(fd, data, size));
		if (count == -EINTR) continue;
		return count == 0 ? -EPIPE : count;
	}
}

static long read_exactly(int fd, uint8_t *data, size_t size) {
	for (size_t have = 0; have < size;) have += (size_t)CHECK(read_some(fd, data + have, size - have));
	return 0;
}

static long read_header(int fd, uint8_t *type, uint32_t *size) {
	uint8_t header[FRAME_HEADER];
	CHECK(read_exactly(fd, header, sizeof header));
	*type = header[0];
	*size = header[1] | (uint32_t)header[2] << 8 | (uint32_t)header[3] << 16 | (uint32_t)header[4] << 24;
	return 0;
}

static long read_path(int fd, uint32_t size, char path[PIPE_PATH]) {
	if (size >= PIPE_PATH) return -EPROTO;
	CHECK(read_exactly(fd, (uint8_t *)path, size));
	path[size] = '\0';
	return 0;
}

static long tell(int fd, uint8_t type) {
	uint8_t message[FRAME_HEADER] = {type};
	return write_all(fd, message, sizeof message);
}

/* The reader has opened it before, so a pipe without one has lost it. */
static long open_writer(const char *path) {
	long fd = SYS(open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC));
	if (fd == -ENXIO || fd == -ENOENT) return -EPIPE;
	autoclose int pipe = (int)CHECK(fd);
	TRY(fcntl(pipe, F_SETFL, 0));
	return take_fd(&pipe);
}

/* All sinks of a plan write to the place that the first one was given. */
static long ask_for_place(struct context *context) {
	char path[PIPE_PATH];
	uint8_t type;
	uint32_t size;
	if (context->output_placed) return 0;
	CHECK(tell(context->connection, MESSAGE_OUTPUT_READY));
	CHECK(read_header(context->connection, &type, &size));
	if (type != MESSAGE_TAKE_OUTPUT) return -EPROTO;
	CHECK(read_path(context->connection, size, path));
	if (size > 0) context->output_pipe = (int)CHECK(open_writer(path));
	context->output_placed = true;
	return 0;
}

static long tell_piped(struct context *context) {
	uint8_t message[FRAME_HEADER + sizeof context->piped] = {MESSAGE_PIPED};
	put_size(message + 1, sizeof context->piped, 4);
	put_size(message + FRAME_HEADER, context->piped, sizeof context->piped);
	return write_all(context->connection, message, sizeof message);
}

void sink_open(struct sink *sink, struct context *context) {
	sink->context = context;
	sink->asks = false;
	sink->used = OUTPUT_HEADER;
}

void sink_offer(struct sink *sink, struct context *context) {
	sink_open(sink, context);
	sink->asks = true;
}

static long flush_into_pipe(struct sink *sink, size_t used) {
	struct context *context = sink->context;
	size_t size = used - OUTPUT_HEADER;
	CHECK(write_all(context->output_pipe, sink->buffer + OUTPUT_HEADER, size));
	uint64_t before = context->piped;
	context->piped += size;
	return before / PIPED_STEP == context->piped / PIPED_STEP ? 0 : tell_piped(context);
}

long sink_flush(struct sink *sink) {
	if (sink->used == OUTPUT_HEADER) return 0;
	CHECK(send_finished(sink->context));
	if (sink->asks) CHECK(ask_for_place(sink->context));
	size_t used = sink->used;
	sink->used = OUTPUT_HEADER;
	if (sink->context->output_pipe >= 0) return flush_into_pipe(sink, used);
	sink->buffer[0] = MESSAGE_OUTPUT;
	put_size(sink->buffer + 1, used - FRAME_HEADER, 4);
	sink->buffer[FRAME_HEADER] = 1;
	return write_all(sink->context->connection, sink->buffer, used);
}

long output_end(struct context *context) {
	if (context->output_pipe < 0) return 0;
	close(context->output_pipe);
	context->output_pipe = -1;
	return tell_piped(context);
}

long sink_room(struct sink *sink, uint8_t **room) {
	if (sink->used == sizeof sink->buffer) CHECK(sink_flush(sink));
	*room = sink->buffer + sink->used;
	return (long)(sizeof sink->buffer - sink->used);
}

void sink_filled(struct sink *sink, size_t size) {
	sink->used += size;
}

long sink_write(struct sink *sink, const void *data, size_t size) {
	const uint8_t *bytes = data;
	while (size > 0) {
		uint8_t *room;
		size_t length = (size_t)CHECK(sink_room(sink, &room));
		if (length > size) length = size;
		memcpy(room, bytes, length);
		sink_filled(sink, length);
		bytes += length;
		size -= length;
	}
	return 0;
}

long sink_zeros(struct sink *sink, uint64_t size) {
	while (size > 0) {
		uint8_t *room;
		uint64_t length = (uint64_t)CHECK(sink_room(sink, &room));
		if (length > size) length = size;
		memset(room, 0, (size_t)length);
		sink_filled(sink, (size_t)length);
		size -= length;
	}
	return 0;
}

void source_open(struct source *source, int fd) {
	source->fd = fd;
	source->pipe = -1;
	source->frame_left = 0;
	source->at = source->end = 0;
	source->ended = false;
}

/* Waits for a writer's first bytes or its end; -EPIPE when the engine, which promised one, has gone. */
static long wait_for_writer(int pipe, int connection) {
	struct pollfd events[] = {{.fd = pipe, .events = POLLIN}, {.fd = connection, .events = POLLIN}};
	for (;;) {
		long result = SYS(poll(events, ARRAY_SIZE(events), -1));
		if (result == -EINTR) continue;
		CHECK(result);
		if (events[0].revents != 0) return 0;
		if (events[1].revents != 0) return -EPIPE;
	}
}

/* Makes the pipe that the engine names. Its name is needed only until a writer has opened it. */
static long open_feed(struct source *source, uint32_t size) {
	char path[PIPE_PATH];
	CHECK(read_path(source->fd, size, path));
	TRY(mkfifo(path, 0600));
	autoclose int pipe = (int)SYS(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
	long result = pipe < 0 ? pipe : tell(source->fd, MESSAGE_FED);
	if (result == 0) result = wait_for_writer(pipe, source->fd);
	unlink(path);
	CHECK(result);
	TRY(fcntl(pipe, F_SETFL, 0));
	source->pipe = take_fd(&pipe);
	return 0;
}

static long next_frame(struct source *source) {
	uint8_t type;
	uint32_t size;
	CHECK(read_header(source->fd, &type, &size));
	if (type == MESSAGE_FEED) return open_feed(source, size);
	source->frame_left = size;
	if (type == MESSAGE_STDIN_EOF && size == 0) source->ended = true;
	else if (type != MESSAGE_STDIN) return -EPROTO;
	return 0;
}

static long fill_from_pipe(struct source *source) {
	long count = read_some(source->pipe, source->buffer, sizeof source->buffer);
	source->ended = count == -EPIPE;
	return source->ended ? 0 : count;
}

static long fill_from_frame(struct source *source) {
	size_t wanted = source->frame_left < sizeof source->buffer ? source->frame_left : sizeof source->buffer;
	long count = CHECK(read_some(source->fd, source->buffer, wanted));
	source->frame_left -= (uint32_t)count;
	return count;
}

long source_next(struct source *source, uint64_t limit, const uint8_t **data) {
	while (source->at == source->end) {
		while (source->pipe < 0 && source->frame_left == 0 && !source->ended) CHECK(next_frame(source));
		if (source->ended) return 0;
		long count = CHECK(source->pipe < 0 ? fill_from_frame(source) : fill_from_pipe(source));
		source->at = 0;
		source->end = (size_t)count;
	}
	size_t size = source->end - source->at;
	if (size > limit) size = (size_t)limit;
	*data = source->buffer + source->at;
	source->at += size;
	return (long)size;
}

long source_drain(struct source *source) {
	const uint8_t *data;
	while (CHECK(source_next(source, UINT64_MAX, &data)) > 0) continue;
	return 0;
}
