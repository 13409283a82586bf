#include "plan_stream.h"
#include "shim.h"

#include <string.h>

/* Frame header and the stream's number. */
#define OUTPUT_HEADER (FRAME_HEADER + 1)

void sink_open(struct sink *sink, struct context *context) {
	sink->context = context;
	sink->used = OUTPUT_HEADER;
}

long sink_flush(struct sink *sink) {
	if (sink->used == OUTPUT_HEADER) return 0;
	CHECK(send_finished(sink->context));
	uint32_t size = (uint32_t)(sink->used - FRAME_HEADER);
	sink->buffer[0] = MESSAGE_OUTPUT;
	for (unsigned i = 0; i < 4; i++) sink->buffer[1 + i] = (uint8_t)(size >> (8 * i));
	sink->buffer[FRAME_HEADER] = 1;
	size_t used = sink->used;
	sink->used = OUTPUT_HEADER;
	return write_all(sink->context->connection, sink->buffer, used);
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
	source->frame_left = 0;
	source->at = source->end = 0;
	source->ended = false;
}

static long read_some(int fd, void *data, size_t size) {
	for (;;) {
		long count = SYS(read(fd, data, size));
		if (count == -EINTR) continue;
		return count == 0 ? -EPIPE : count;
	}
}

static long next_frame(struct source *source) {
	uint8_t header[FRAME_HEADER];
	for (size_t have = 0; have < sizeof header;) have += (size_t)CHECK(read_some(source->fd, header + have, sizeof header - have));
	source->frame_left = header[1] | (uint32_t)header[2] << 8 | (uint32_t)header[3] << 16 | (uint32_t)header[4] << 24;
	if (header[0] == MESSAGE_STDIN_EOF && source->frame_left == 0) source->ended = true;
	else if (header[0] != MESSAGE_STDIN) return -EPROTO;
	return 0;
}

long source_next(struct source *source, uint64_t limit, const uint8_t **data) {
	while (source->at == source->end) {
		while (source->frame_left == 0 && !source->ended) CHECK(next_frame(source));
		if (source->ended) return 0;
		size_t wanted = source->frame_left < sizeof source->buffer ? source->frame_left : sizeof source->buffer;
		source->end = (size_t)CHECK(read_some(source->fd, source->buffer, wanted));
		source->at = 0;
		source->frame_left -= (uint32_t)source->end;
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
