/* Files and descriptors. */
#include "kernel.h"
#include "run.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

long op_open(struct context *context, const union value *a) {
	uint32_t flags = a[OPEN_FLAGS].number;
	uint32_t mode = flags & O_CREAT ? a[OPEN_MODE].number : 0;
	long fd = CHECK(open_at(context, a[OPEN_AT].number, a[OPEN_PATH].string, flags, mode, 0));
	return put_slot(context, a[OPEN_SLOT].number, (int)fd);
}

long op_close(struct context *context, const union value *a) {
	int fd = (int)CHECK(slot_fd(context, a[CLOSE_SLOT].number));
	context->slots[a[CLOSE_SLOT].number] = -1;
	return SYS(close(fd));
}

/* Opens the pidfd first and checks then: a pid that was reused in between has another start time. */
long op_open_process(struct context *context, const union value *a) {
	pid_t pid = (pid_t)a[OPEN_PROCESS_PID].number;
	autoclose int fd = (int)TRY(k_pidfd_open(pid));
	uint64_t start_time;
	long read = process_start_time(pid, &start_time);
	if (read == -ENOENT) return -ESRCH;
	CHECK(read);
	if (start_time != a[OPEN_PROCESS_START_TIME].number64) return -ESRCH;
	return put_slot(context, a[OPEN_PROCESS_SLOT].number, take_fd(&fd));
}

long op_mkdir(struct context *context, const union value *a) {
	uint32_t at = a[MKDIR_AT].number, mode = a[MKDIR_MODE].number;
	const char *path = a[MKDIR_PATH].string, *name;
	if (a[MKDIR_PARENTS].number) {
		autoclose int made = (int)CHECK(make_directories(context, at, path, mode));
		return 0;
	}
	autoclose int parent = (int)CHECK(open_parent(context, at, path, false, &name));
	return SYS(mkdirat(parent, name, mode));
}

long op_create_file(struct context *context, const union value *a) {
	uint32_t at = a[CREATE_FILE_AT].number;
	autoclose int there = (int)open_at(context, at, a[CREATE_FILE_PATH].string, O_PATH, 0, 0);
	if (there >= 0) return 0;
	const char *name;
	autoclose int parent = (int)CHECK(open_parent(context, at, a[CREATE_FILE_PATH].string, true, &name));
	int flags = O_CREAT | O_EXCL | O_RDONLY | O_NOFOLLOW | O_CLOEXEC;
	autoclose int file = (int)TRY(openat(parent, name, flags, a[CREATE_FILE_MODE].number));
	return 0;
}

long op_write_file(struct context *context, const union value *a) {
	uint32_t flags = O_WRONLY | O_NOCTTY | a[WRITE_FILE_FLAGS].number;
	uint32_t mode = flags & O_CREAT ? a[WRITE_FILE_MODE].number : 0;
	autoclose int fd = (int)CHECK(open_at(context, a[WRITE_FILE_AT].number, a[WRITE_FILE_PATH].string, flags, mode, 0));
	struct blob data = a[WRITE_FILE_DATA].bytes;
	if (data.size == 0) return 0;
	long written = TRY(write(fd, data.data, data.size));
	return (uint32_t)written == data.size ? 0 : -EIO;
}

long op_symlink(struct context *context, const union value *a) {
	const char *name;
	autoclose int parent = (int)CHECK(open_parent(context, a[SYMLINK_AT].number, a[SYMLINK_PATH].string, true, &name));
	return SYS(symlinkat(a[SYMLINK_TARGET].string, parent, name));
}

long op_mknod(struct context *context, const union value *a) {
	const char *name;
	uint32_t mode = a[MKNOD_MODE].number;
	dev_t device = makedev(a[MKNOD_MAJOR].number, a[MKNOD_MINOR].number);
	autoclose int parent = (int)CHECK(open_parent(context, a[MKNOD_AT].number, a[MKNOD_PATH].string, true, &name));
	mode_t mask = umask(0);
	long result = SYS(mknodat(parent, name, mode, device));
	umask(mask);
	return result;
}

long op_chown(struct context *context, const union value *a) {
	autoclose int fd = (int)CHECK(open_at(context, a[CHOWN_AT].number, a[CHOWN_PATH].string, O_PATH, 0, 0));
	return SYS(fchownat(fd, "", a[CHOWN_UID].number, a[CHOWN_GID].number, AT_EMPTY_PATH));
}

long op_chmod(struct context *context, const union value *a) {
	autoclose int fd = (int)CHECK(open_at(context, a[CHMOD_AT].number, a[CHMOD_PATH].string, O_PATH, 0, 0));
	return SYS(k_fchmodat2(fd, "", a[CHMOD_MODE].number, AT_EMPTY_PATH));
}

static long remove_entry(struct context *context, uint32_t at, const char *path, int flags) {
	const char *name;
	autoclose int parent = (int)CHECK(open_parent(context, at, path, false, &name));
	return SYS(unlinkat(parent, name, flags));
}

long op_unlink(struct context *context, const union value *a) {
	return remove_entry(context, a[UNLINK_AT].number, a[UNLINK_PATH].string, 0);
}

long op_rmdir(struct context *context, const union value *a) {
	return remove_entry(context, a[RMDIR_AT].number, a[RMDIR_PATH].string, AT_REMOVEDIR);
}
