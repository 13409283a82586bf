/* The step `log-read`: a container's log as a stream of lines or of Docker's frames. */
#define _GNU_SOURCE
#include "log.h"
#include "log_reader.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A stream's number, three zeros and the length, big-endian: moby, pkg/stdcopy. */
#define STDCOPY_HEADER 8
#define TAIL_BLOCK 65536

static long corrupt(struct log_reader *reader, const char *line, size_t length) {
	char start[81];
	if (length > sizeof start - 1) length = sizeof start - 1;
	memcpy(start, line, length);
	start[length] = '\0';
	blame(reader->sink.context, start);
	return -EBADMSG;
}

/* 1 stdout, 2 stderr, 0 when the line is no record. */
static unsigned stream_of(const char *line, size_t length) {
	if (length < LOG_HEADER || line[LOG_TIME - 1] != 'Z' || line[LOG_HEADER - 1] != ' ') return 0;
	if (line[LOG_HEADER - 2] != 'F' && line[LOG_HEADER - 2] != 'P') return 0;
	if (memcmp(line + LOG_TIME, " stdout ", 8) == 0) return 1;
	return memcmp(line + LOG_TIME, " stderr ", 8) == 0 ? 2 : 0;
}

static void put_length(uint8_t *header, uint32_t length) {
	for (unsigned i = 0; i < 4; i++) header[4 + i] = (uint8_t)(length >> (24 - 8 * i));
}

/* Makes the frame that the line belongs to, and returns the place after its header. */
static uint8_t *frame(struct log_reader *reader, uint8_t *at, unsigned stream, uint32_t length) {
	if (!(reader->flags & LOG_MULTIPLEX)) return at;
	bool shared = reader->flags & LOG_SHARE && reader->frame != NULL && reader->frame[0] == stream;
	if (shared) {
		put_length(reader->frame, reader->frame_length += length);
		return at;
	}
	reader->frame = at;
	reader->frame_length = length;
	memcpy(at, (uint8_t[4]){(uint8_t)stream}, 4);
	put_length(at, length);
	return at + STDCOPY_HEADER;
}

static uint8_t *copy(uint8_t *to, const char *from, size_t size) {
	memcpy(to, from, size);
	return to + size;
}

/* A line is written whole into the buffer, which has room for the longest one. */
static long emit(struct log_reader *reader, unsigned stream, const char *line, size_t length) {
	bool ends = line[LOG_HEADER - 2] == 'F', timed = reader->flags & LOG_TIMESTAMPS;
	size_t text = length - LOG_HEADER;
	size_t size = (timed ? LOG_TIME + 1 : 0) + reader->details_length + text + ends;
	uint8_t *room;
	if ((size_t)CHECK(sink_room(&reader->sink, &room)) < size + STDCOPY_HEADER) {
		CHECK(log_flush(reader));
		if ((size_t)CHECK(sink_room(&reader->sink, &room)) < size + STDCOPY_HEADER) return -E2BIG;
	}
	uint8_t *at = frame(reader, room, stream, (uint32_t)size);
	if (timed) at = copy(at, line, LOG_TIME), *at++ = ' ';
	at = copy(at, reader->details, reader->details_length);
	at = copy(at, line + LOG_HEADER, text);
	if (ends) *at++ = '\n';
	sink_filled(&reader->sink, (size_t)(at - room));
	return 0;
}

/* Returns 1 when the line, and with it all that follow, is later than was asked for. */
static long take_line(struct log_reader *reader, const char *line, size_t length) {
	unsigned stream = stream_of(line, length);
	if (stream == 0) return corrupt(reader, line, length);
	if (!(reader->flags & (stream == 1 ? LOG_STDOUT : LOG_STDERR))) return 0;
	/* Times of this form compare as texts. */
	if (*reader->since != '\0' && memcmp(line, reader->since, LOG_TIME) < 0) return 0;
	if (*reader->until != '\0' && memcmp(line, reader->until, LOG_TIME) > 0) return 1;
	return emit(reader, stream, line, length);
}

long log_flush(struct log_reader *reader) {
	reader->frame = NULL;
	return sink_flush(&reader->sink);
}

long log_take(struct log_reader *reader, int fd) {
	for (;;) {
		if (reader->held == sizeof reader->lines) return corrupt(reader, reader->lines, reader->held);
		long count = TRY(read(fd, reader->lines + reader->held, sizeof reader->lines - reader->held));
		if (count == 0) return 0;
		reader->held += (size_t)count;
		char *line = reader->lines, *end = reader->lines + reader->held, *newline;
		while ((newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
			long result = CHECK(take_line(reader, line, (size_t)(newline - line)));
			if (result > 0) return result;
			line = newline + 1;
		}
		reader->held = (size_t)(end - line);
		memmove(reader->lines, line, reader->held);
	}
}

/* Puts the file's offset where its last `wanted` lines begin, and takes those that it has from `wanted`. */
static long seek_tail(int fd, uint32_t *wanted) {
	static char block[TAIL_BLOCK];
	off_t size = TRY(lseek(fd, 0, SEEK_END));
	if (*wanted == 0) return 0;
	for (off_t end = size; end > 0;) {
		size_t length = end < TAIL_BLOCK ? (size_t)end : TAIL_BLOCK;
		end -= (off_t)length;
		if (TRY(pread(fd, block, length, end)) != (long)length) return -EIO;
		/* The newline that ends the last line begins none. */
		if (end + (off_t)length == size) length--;
		for (const char *newline; (newline = memrchr(block, '\n', length)) != NULL;) {
			length = (size_t)(newline - block);
			if (--*wanted == 0) return SYS(lseek(fd, end + (off_t)length + 1, SEEK_SET));
		}
	}
	if (size > 0) --*wanted;
	return SYS(lseek(fd, 0, SEEK_SET));
}

static long open_existing(const char *path) {
	long fd = SYS(open(path, O_RDONLY | O_CLOEXEC));
	return fd == -ENOENT ? -1 : fd;
}

/* Opens the log and the one that it was rotated to before; -1 for one that does not exist. */
static long open_logs(const char *path, int *older, int *current) {
	char rotated[4096];
	size_t length = append(rotated, sizeof rotated, 0, path);
	if (append(rotated, sizeof rotated, length, ".1") == sizeof rotated) return -ENAMETOOLONG;
	for (;;) {
		autoclose int first = (int)open_existing(rotated);
		if (first < -1) return take_fd(&first);
		*current = (int)open_existing(path);
		if (*current < -1) return *current;
		struct stat opened, named;
		if (first >= 0) TRY(fstat(first, &opened));
		bool exists = stat(rotated, &named) == 0;
		/* The log was rotated meanwhile: what stood in between would be missing. */
		bool moved = exists != (first >= 0) || (exists && named.st_ino != opened.st_ino);
		*older = take_fd(&first);
		if (!moved) return 0;
		close_scoped(older);
		close_scoped(current);
	}
}

static long read_log(struct log_reader *reader, const char *path, uint32_t tail) {
	autoclose int older = -1, current = -1;
	CHECK(open_logs(path, &older, &current));
	if (reader->flags & LOG_TAIL) {
		if (current >= 0) CHECK(seek_tail(current, &tail));
		if (older >= 0) CHECK(seek_tail(older, &tail));
	}
	if (older >= 0 && CHECK(log_take(reader, older)) > 0) return 0;
	if (current < 0) return 0;
	if (reader->flags & LOG_FOLLOW) return log_follow(reader, path, &current);
	CHECK(log_take(reader, current));
	return 0;
}

static bool is_time(const char *text) {
	return *text == '\0' || strlen(text) == LOG_TIME;
}

long op_log_read(struct context *context, const union value *a) {
	static struct log_reader reader;
	reader.flags = a[LOG_READ_FLAGS].number;
	reader.since = a[LOG_READ_SINCE].string;
	reader.until = a[LOG_READ_UNTIL].string;
	reader.details = a[LOG_READ_DETAILS].string;
	reader.details_length = strlen(reader.details);
	if (!is_time(reader.since) || !is_time(reader.until)) return -EINVAL;
	sink_open(&reader.sink, context);
	CHECK(read_log(&reader, a[LOG_READ_PATH].string, a[LOG_READ_TAIL].number));
	return log_flush(&reader);
}
