#include "log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

static void digits(char *out, uint64_t value, int width) {
	while (width > 0) {
		out[--width] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* Days since 1970-01-01 to a date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days. */
static void format_date(char *out, uint64_t days) {
	uint64_t shifted = days + 719468;
	uint64_t era = shifted / 146097, day_of_era = shifted % 146097;
	uint64_t year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	uint64_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
	uint64_t month = (5 * day_of_year + 2) / 153;
	uint64_t day = day_of_year - (153 * month + 2) / 5 + 1;
	month = month < 10 ? month + 3 : month - 9;
	digits(out, year + era * 400 + (month <= 2), 4);
	digits(out + 5, month, 2);
	digits(out + 8, day, 2);
}

void format_time(char *out, uint64_t nanoseconds) {
	uint64_t seconds = nanoseconds / 1000000000u;
	strcpy(out, "0000-00-00T00:00:00.000000000Z");
	format_date(out, seconds / 86400);
	digits(out + 11, seconds / 3600 % 24, 2);
	digits(out + 14, seconds / 60 % 60, 2);
	digits(out + 17, seconds % 60, 2);
	digits(out + 20, nanoseconds % 1000000000u, 9);
}

static long open_file(struct log *log, int extra) {
	long fd = SYS(open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | extra, 0640));
	struct stat status;
	log->fd = (int)fd;
	if (fd < 0) return fd;
	TRY(fstat(log->fd, &status));
	log->size = (uint64_t)status.st_size;
	return 0;
}

void log_open(struct log *log, const char *path, uint64_t max_bytes) {
	*log = (struct log){.fd = -1, .path = path, .max_bytes = max_bytes};
	if (*path != '\0') log->error = open_file(log, 0);
}

static long rotate(struct log *log) {
	char older[4096];
	size_t length = append(older, sizeof older, 0, log->path);
	if (append(older, sizeof older, length, ".1") == sizeof older) return -ENAMETOOLONG;
	TRY(rename(log->path, older));
	close(log->fd);
	return open_file(log, O_EXCL);
}

static long write_line(struct log *log, unsigned stream, const struct log_line *line, bool whole) {
	char header[48];
	format_time(header, line->time);
	size_t length = append(header, sizeof header, 30, stream == 1 ? " stdout " : " stderr ");
	length = append(header, sizeof header, length, whole ? "F " : "P ");
	struct iovec parts[] = {{header, length}, {line->text, line->length}, {(char[]){'\n'}, 1}};
	size_t total = length + line->length + 1;
	if (log->max_bytes > 0 && log->size > 0 && log->size + total > log->max_bytes) CHECK(rotate(log));
	long written = TRY(writev(log->fd, parts, ARRAY_SIZE(parts)));
	log->size += (uint64_t)written;
	return (size_t)written == total ? 0 : -ENOSPC;
}

static void end_line(struct log *log, unsigned stream, bool whole) {
	struct log_line *line = &log->lines[stream - 1];
	if (log->error == 0) log->error = write_line(log, stream, line, whole);
	line->length = 0;
}

void log_write(struct log *log, unsigned stream, const char *data, size_t size) {
	struct log_line *line = &log->lines[stream - 1];
	if (log->fd < 0) return;
	if (line->text == NULL && (line->text = malloc(LOG_LINE_MAX)) == NULL) {
		log->error = -ENOMEM;
		return;
	}
	while (size > 0 && log->error == 0) {
		const char *newline = memchr(data, '\n', size);
		size_t length = newline == NULL ? size : (size_t)(newline - data);
		size_t room = LOG_LINE_MAX - line->length;
		size_t taken = length < room ? length : room;
		if (line->length == 0) line->time = clock_ns(CLOCK_REALTIME);
		memcpy(line->text + line->length, data, taken);
		line->length += taken;
		data += taken;
		size -= taken;
		if (newline != NULL && taken == length) {
			end_line(log, stream, true);
			data++;
			size--;
		} else if (line->length == LOG_LINE_MAX) {
			end_line(log, stream, false);
		}
	}
}

void log_finish(struct log *log) {
	for (unsigned stream = 1; stream <= 2; stream++)
		if (log->fd >= 0 && log->lines[stream - 1].length > 0) end_line(log, stream, false);
}
