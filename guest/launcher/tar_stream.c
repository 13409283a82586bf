/* The plan's connection as a stream of bytes. */
#include "shim.h"
#include "tar.h"

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
