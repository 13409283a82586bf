/*
 * Conventions of the launcher.
 *
 * Errors: a function that can fail returns a negative errno, as the kernel does; only SYS() reads errno itself.
 * Ownership: `autoclose int fd = …` closes at the end of its scope; `take_fd(&fd)` hands it on. Memory of a plan lives
 * as long as its process, which serves one plan.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* Result of a libc or syscall() call in the kernel's convention. */
#define SYS(call)                                                                                                      \
	({                                                                                                             \
		long sys_result_ = (long)(call);                                                                       \
		sys_result_ < 0 ? -(long)errno : sys_result_;                                                          \
	})

/* Returns from the function when a negative errno came back. */
#define CHECK(call)                                                                                                    \
	({                                                                                                             \
		long check_result_ = (call);                                                                           \
		if (check_result_ < 0) return check_result_;                                                           \
		check_result_;                                                                                         \
	})

#define TRY(call) CHECK(SYS(call))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static inline void close_scoped(int *fd) {
	if (*fd >= 0) close(*fd);
}
#define autoclose __attribute__((cleanup(close_scoped)))

static inline int take_fd(int *fd) {
	int taken = *fd;
	*fd = -1;
	return taken;
}

struct blob {
	const uint8_t *data;
	uint32_t size;
};

static inline uint64_t clock_ns(clockid_t clock) {
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* util.c */
long write_all(int fd, const void *data, size_t size);
/* Reads a whole small file; at most size - 1 bytes, NUL-terminated. Returns the length. */
long read_file(const char *path, char *buffer, size_t size);
/* Clock ticks since boot at which a process started: field 22 of /proc/PID/stat. */
long process_start_time(pid_t pid, uint64_t *start_time);
/* Writes decimal digits into a buffer of at least 21 bytes, NUL-terminated; returns the length. */
size_t format_decimal(char *out, uint64_t value);
/* Appends to a string of limited size; returns the new length, or size when it did not fit. */
size_t append(char *out, size_t size, size_t length, const char *text);
/* Appends a slash, unless the text ends in one. */
size_t append_slash(char *out, size_t size, size_t length);
size_t append_decimal(char *out, size_t size, size_t length, uint64_t value);
