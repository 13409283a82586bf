/* Standard input and output of the process that will be executed. */
#define _GNU_SOURCE
#include "kernel.h"
#include "run.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

static long use_as_stdio(int in, int out, int error) {
	TRY(dup2(in, 0));
	TRY(dup2(out, 1));
	return SYS(dup2(error, 2));
}

/* Opens the container's own /dev/null, so that the container can open it again; refuses another file in its place. */
static long open_null(struct context *context, uint32_t at) {
	struct stat status;
	autoclose int fd = (int)CHECK(open_at(context, at, "/dev/null", O_RDWR | O_NONBLOCK | O_NOCTTY, 0, 0));
	TRY(fstat(fd, &status));
	if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3)) return -ENODEV;
	return take_fd(&fd);
}

long op_stdio(struct context *context, const union value *a) {
	if (context->role != ROLE_INIT) return -EINVAL;
	autoclose int null = (int)CHECK(open_null(context, a[STDIO_AT].number));
	const int *fds = context->stdio;
	return use_as_stdio(fds[0] < 0 ? null : fds[0], fds[1] < 0 ? null : fds[1], fds[2] < 0 ? null : fds[2]);
}

/* Opens the multiplexer of a devpts and refuses anything else, because an image can hold any file as /dev/pts/ptmx. */
static long open_multiplexer(struct context *context, uint32_t at, const char *directory) {
	char path[4096];
	size_t length = append(path, sizeof path, 0, directory);
	if (append(path, sizeof path, length, "/ptmx") == sizeof path) return -ENAMETOOLONG;
	uint64_t flags = O_RDWR | O_NOCTTY | O_NONBLOCK;
	autoclose int fd = (int)CHECK(open_at(context, at, path, flags, 0, K_RESOLVE_NO_SYMLINKS));
	struct stat status;
	struct statfs system;
	TRY(fstat(fd, &status));
	TRY(fstatfs(fd, &system));
	if ((uint32_t)system.f_type != DEVPTS_SUPER_MAGIC || status.st_rdev != makedev(5, 2)) return -ENODEV;
	return take_fd(&fd);
}

static long send_descriptor(int socket, int fd) {
	char byte = 0;
	struct iovec data = {&byte, 1};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	memset(&control, 0, sizeof control);
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(header), &fd, sizeof fd);
	return SYS(sendmsg(socket, &message, MSG_NOSIGNAL));
}

/* The slave comes from the multiplexer itself (TIOCGPTPEER), so that no path of the container's is followed. */
long op_open_pty(struct context *context, const union value *a) {
	if (context->role != ROLE_INIT) return -EINVAL;
	autoclose int multiplexer = (int)CHECK(open_multiplexer(context, a[OPEN_PTY_AT].number, a[OPEN_PTY_PATH].string));
	int locked = 0;
	TRY(ioctl(multiplexer, TIOCSPTLCK, &locked));
	autoclose int terminal = (int)TRY(ioctl(multiplexer, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
	struct winsize size = {.ws_row = (uint16_t)a[OPEN_PTY_ROWS].number, .ws_col = (uint16_t)a[OPEN_PTY_COLUMNS].number};
	TRY(ioctl(terminal, TIOCSWINSZ, &size));
	CHECK(send_descriptor(context->sync, multiplexer));
	TRY(setsid());
	TRY(ioctl(terminal, TIOCSCTTY, 0));
	CHECK(use_as_stdio(terminal, terminal, terminal));
	context->console = take_fd(&terminal);
	return 0;
}

long op_bind_console(struct context *context, const union value *a) {
	if (context->console < 0) return -EBADF;
	unsigned flags = K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC | K_AT_EMPTY_PATH;
	autoclose int tree = (int)TRY(k_open_tree(context->console, "", flags));
	autoclose int target = (int)CHECK(open_mount_point(context, a[BIND_CONSOLE_AT].number, a[BIND_CONSOLE_PATH].string, false));
	return SYS(k_attach_mount(tree, target));
}
