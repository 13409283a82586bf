#include "common.h"

#include <fcntl.h>
#include <string.h>

long write_all(int fd, const void *data, size_t size) {
	const char *bytes = data;
	while (size > 0) {
		ssize_t count = write(fd, bytes, size);
		if (count < 0 && errno == EINTR) continue;
		if (count < 0) return -errno;
		bytes += count;
		size -= (size_t)count;
	}
	return 0;
}

long read_file(const char *path, char *buffer, size_t size) {
	autoclose int fd = (int)CHECK(SYS(open(path, O_RDONLY | O_CLOEXEC)));
	size_t length = 0;
	while (length < size - 1) {
		long count = CHECK(SYS(read(fd, buffer + length, size - 1 - length)));
		if (count == 0) break;
		length += (size_t)count;
	}
	buffer[length] = '\0';
	return (long)length;
}

size_t format_decimal(char *out, uint64_t value) {
	char digits[20];
	size_t count = 0;
	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	for (size_t i = 0; i < count; i++) out[i] = digits[count - 1 - i];
	out[count] = '\0';
	return count;
}

size_t append(char *out, size_t size, size_t length, const char *text) {
	size_t extra = strlen(text);
	if (length >= size || extra >= size - length) return size;
	memcpy(out + length, text, extra + 1);
	return length + extra;
}

size_t append_slash(char *out, size_t size, size_t length) {
	return length > 0 && length < size && out[length - 1] == '/' ? length : append(out, size, length, "/");
}

size_t append_decimal(char *out, size_t size, size_t length, uint64_t value) {
	char digits[21];
	format_decimal(digits, value);
	return append(out, size, length, digits);
}

/* The command name, field 2, may hold spaces and parentheses: fields are counted from the last ')'. */
long process_start_time(pid_t pid, uint64_t *start_time) {
	char path[32] = "/proc/";
	size_t length = append_decimal(path, sizeof path, 6, (uint64_t)pid);
	append(path, sizeof path, length, "/stat");
	char stat[1024];
	CHECK(read_file(path, stat, sizeof stat));
	const char *field = strrchr(stat, ')');
	for (int number = 2; field != NULL && number < 22; number++) {
		field = strchr(field, ' ');
		if (field != NULL) field++;
	}
	if (field == NULL) return -EPROTO;
	*start_time = 0;
	for (; *field >= '0' && *field <= '9'; field++) *start_time = *start_time * 10 + (uint64_t)(*field - '0');
	return 0;
}
