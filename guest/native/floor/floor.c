/*
 * floor SOCKET PLAN COUNT: the time a container takes with nothing above the launcher. Sends an encoded launch plan to
 * `launcher serve` COUNT times, one after another, each until its exit has been reported and everything undone, and
 * prints the milliseconds of each. For the bench, which compares everything else with it.
 */
#include "common.h"
#include "ops.generated.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define HEADER 5

static long read_exactly(int fd, uint8_t *data, size_t size) {
	while (size > 0) {
		long count = TRY(read(fd, data, size));
		if (count == 0) return -EPIPE;
		data += count;
		size -= (size_t)count;
	}
	return 0;
}

/* Reads messages until the exit; -ECANCELED when the plan failed. */
static long wait_for_exit(int fd) {
	static uint8_t payload[1 << 20];
	for (;;) {
		uint8_t header[HEADER];
		CHECK(read_exactly(fd, header, sizeof header));
		size_t size = header[1] | (size_t)header[2] << 8 | (size_t)header[3] << 16 | (size_t)header[4] << 24;
		if (size > sizeof payload) return -EPROTO;
		CHECK(read_exactly(fd, payload, size));
		if (header[0] == MESSAGE_FAILED) return -ECANCELED;
		if (header[0] == MESSAGE_EXIT) return 0;
	}
}

static long run_once(const char *socket_path, const uint8_t *plan, size_t size, uint64_t *nanoseconds) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (append(address.sun_path, sizeof address.sun_path, 0, socket_path) == sizeof address.sun_path) return -ENAMETOOLONG;
	uint8_t header[HEADER] = {MESSAGE_PLAN, (uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16), (uint8_t)(size >> 24)};
	uint64_t start = clock_ns(CLOCK_MONOTONIC);
	autoclose int fd = (int)TRY(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	TRY(connect(fd, (struct sockaddr *)&address, sizeof address));
	CHECK(write_all(fd, header, sizeof header));
	CHECK(write_all(fd, plan, size));
	CHECK(wait_for_exit(fd));
	*nanoseconds = clock_ns(CLOCK_MONOTONIC) - start;
	return 0;
}

static long measure(char **argv) {
	autoclose int file = (int)TRY(open(argv[2], O_RDONLY | O_CLOEXEC));
	struct stat status;
	TRY(fstat(file, &status));
	uint8_t *plan = malloc((size_t)status.st_size);
	if (plan == NULL) return -ENOMEM;
	CHECK(read_exactly(file, plan, (size_t)status.st_size));
	for (int left = atoi(argv[3]); left > 0; left--) {
		uint64_t nanoseconds;
		CHECK(run_once(argv[1], plan, (size_t)status.st_size, &nanoseconds));
		char line[32];
		size_t length = append_decimal(line, sizeof line, 0, nanoseconds / 1000000);
		length = append(line, sizeof line, length, nanoseconds / 100000 % 10 == 0 ? ".0" : ".");
		if (nanoseconds / 100000 % 10 != 0) length = append_decimal(line, sizeof line, length, nanoseconds / 100000 % 10);
		length = append(line, sizeof line, length, "\n");
		CHECK(write_all(1, line, length));
	}
	return 0;
}

int main(int argc, char **argv) {
	static const char usage[] = "usage: floor SOCKET PLAN COUNT\n";
	if (argc != 4) {
		write_all(2, usage, sizeof usage - 1);
		return 64;
	}
	long result = measure(argv);
	if (result == 0) return 0;
	char number[21];
	size_t length = format_decimal(number, (uint64_t)-result);
	write_all(2, "floor: errno ", 13);
	write_all(2, number, length);
	write_all(2, "\n", 1);
	return 1;
}
