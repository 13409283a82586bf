#define _GNU_SOURCE
#include "socket.h"
#include "common.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

long listen_unix(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (append(address.sun_path, sizeof address.sun_path, 0, path) == sizeof address.sun_path) return -ENAMETOOLONG;
	if (unlink(path) < 0 && errno != ENOENT) return -errno;
	autoclose int fd = (int)TRY(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	mode_t mask = umask(0177);
	long bound = SYS(bind(fd, (struct sockaddr *)&address, sizeof address));
	umask(mask);
	CHECK(bound);
	TRY(listen(fd, 64));
	return take_fd(&fd);
}
