/* Steps that move bytes as they are: parts of an archive that the engine describes, files that are sent or received. */
#include "plan_stream.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct sink sink;

long op_send_bytes(struct context *context, const union value *a) {
	struct blob data = a[SEND_BYTES_DATA].bytes;
	sink_offer(&sink, context);
	CHECK(sink_write(&sink, data.data, data.size));
	return sink_flush(&sink);
}

static long send_content(int fd, uint64_t size) {
	for (uint64_t left = size; left > 0;) {
		uint8_t *room;
		size_t length = (size_t)CHECK(sink_room(&sink, &room));
		if (length > left) length = (size_t)left;
		long count = SYS(read(fd, room, length));
		if (count == -EINTR) continue;
		if (CHECK(count) == 0) return -ENODATA;
		sink_filled(&sink, (size_t)count);
		left -= (uint64_t)count;
	}
	return 0;
}

long op_send_file(struct context *context, const union value *a) {
	uint64_t size = a[SEND_FILE_SIZE].number64;
	/* What is no regular file must not keep the plan waiting before it is refused. */
	uint64_t flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
	autoclose int fd = (int)CHECK(open_at(context, a[SEND_FILE_AT].number, a[SEND_FILE_PATH].string, flags, 0, 0));
	struct stat status;
	TRY(fstat(fd, &status));
	if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size != size) return -ENODATA;
	sink_offer(&sink, context);
	CHECK(send_content(fd, size));
	return sink_flush(&sink);
}

long op_receive_file(struct context *context, const union value *a) {
	static struct source source;
	if (context->connection < 0) return -EINVAL;
	int file = (int)CHECK(slot_fd(context, a[RECEIVE_FILE_SLOT].number));
	source_open(&source, context->connection);
	const uint8_t *data;
	for (;;) {
		size_t size = (size_t)CHECK(source_next(&source, UINT64_MAX, &data));
		if (size == 0) return 0;
		long result = write_all(file, data, size);
		if (result < 0) {
			/* The rest is read whatever failed, because the sender sends all of it. */
			CHECK(source_drain(&source));
			return result;
		}
	}
}
