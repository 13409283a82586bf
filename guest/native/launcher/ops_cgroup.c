/* cgroup v2 beyond writing its files: Documentation/admin-guide/cgroup-v2.rst. */
#include "device_program.h"
#include "kernel.h"
#include "run.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

/* Milliseconds in which a process finishes even a slow file operation; after them the caller learns that it hangs. */
#define SETTLE_MS 10000

static long open_directory(const char *path) {
	return SYS(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static long write_at(int directory, const char *file, const char *text) {
	autoclose int fd = (int)TRY(openat(directory, file, O_WRONLY | O_CLOEXEC));
	return write_all(fd, text, strlen(text));
}

/* Waits until cgroup.events holds the line; the kernel signals each change with POLLPRI. */
static long wait_for_event(int directory, const char *line) {
	autoclose int fd = (int)TRY(openat(directory, "cgroup.events", O_RDONLY | O_CLOEXEC));
	uint64_t deadline = clock_ns(CLOCK_MONOTONIC) / 1000000 + SETTLE_MS;
	for (;;) {
		char events[256];
		long size = TRY(pread(fd, events, sizeof events - 1, 0));
		events[size] = '\0';
		if (strstr(events, line) != NULL) return 0;
		uint64_t now = clock_ns(CLOCK_MONOTONIC) / 1000000;
		if (now >= deadline) return -ETIMEDOUT;
		struct pollfd changed = {.fd = fd, .events = POLLPRI};
		long ready = SYS(poll(&changed, 1, (int)(deadline - now)));
		if (ready != -EINTR) CHECK(ready);
	}
}

static long set_frozen(const char *path, bool freeze) {
	autoclose int directory = (int)CHECK(open_directory(path));
	CHECK(write_at(directory, "cgroup.freeze", freeze ? "1" : "0"));
	return wait_for_event(directory, freeze ? "frozen 1" : "frozen 0");
}

/*
 * SIGKILL ends a frozen process, so a cgroup that is to be thawed may be removed at any moment: then nothing in it is
 * frozen.
 */
long op_cgroup_freeze(struct context *context, const union value *a) {
	(void)context;
	bool freeze = a[CGROUP_FREEZE_FROZEN].number;
	long result = set_frozen(a[CGROUP_FREEZE_PATH].string, freeze);
	bool gone = result == -ENOENT || result == -ENODEV;
	return gone && !freeze ? 0 : result;
}

/* Removes the cgroups below `parent`, deepest first. */
static long remove_below(int parent) {
	int copy = (int)TRY(openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *stream = fdopendir(copy);
	if (stream == NULL) {
		close(copy);
		return -ENOMEM;
	}
	long result = 0;
	for (struct dirent *entry; result == 0 && (entry = readdir(stream)) != NULL;) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
		autoclose int child = (int)SYS(openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		result = child < 0 ? child : remove_below(child);
		if (result == 0) result = SYS(unlinkat(parent, entry->d_name, AT_REMOVEDIR));
	}
	closedir(stream);
	return result;
}

long op_cgroup_remove(struct context *context, const union value *a) {
	(void)context;
	const char *path = a[CGROUP_REMOVE_PATH].string;
	/* A container's processes have mostly ended with its first one, and it made no cgroups of its own. */
	if (rmdir(path) == 0) return 0;
	autoclose int directory = (int)open_directory(path);
	if (directory == -ENOENT) return 0;
	CHECK(directory);
	CHECK(write_at(directory, "cgroup.kill", "1"));
	CHECK(wait_for_event(directory, "populated 0"));
	CHECK(remove_below(directory));
	return SYS(rmdir(path));
}

long op_bpf_cgroup_device(struct context *context, const union value *a) {
	(void)context;
	autoclose int program = (int)CHECK(device_program_take(a[BPF_CGROUP_DEVICE_PROGRAM].bytes));
	autoclose int cgroup = (int)CHECK(open_directory(a[BPF_CGROUP_DEVICE_CGROUP].string));
	union bpf_attr attach;
	memset(&attach, 0, sizeof attach);
	attach.target_fd = (uint32_t)cgroup;
	attach.attach_bpf_fd = (uint32_t)program;
	attach.attach_type = BPF_CGROUP_DEVICE;
	attach.attach_flags = BPF_F_ALLOW_MULTI;
	return SYS(syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach));
}
