#define _GNU_SOURCE
#include "socket.h"
#include "common.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* The name appears when somebody listens: between bind and listen a client would be refused. */
long listen_unix(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = append(address.sun_path, sizeof address.sun_path, 0, path);
	if (append(address.sun_path, sizeof address.sun_path, length, ".new") == sizeof address.sun_path) return -ENAMETOOLONG;
	if (unlink(address.sun_path) < 0 && errno != ENOENT) return -errno;
	autoclose int fd = (int)TRY(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	mode_t mask = umask(0177);
	long bound = SYS(bind(fd, (struct sockaddr *)&address, sizeof address));
	umask(mask);
	CHECK(bound);
	TRY(listen(fd, 64));
	TRY(rename(address.sun_path, path));
	return take_fd(&fd);
}
