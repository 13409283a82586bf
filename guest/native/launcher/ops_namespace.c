/* Namespaces and what is set once in them. */
#define _GNU_SOURCE
#include "kernel.h"
#include "run.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

long op_unshare(struct context *context, const union value *a) {
	(void)context;
	return SYS(unshare((int)a[UNSHARE_FLAGS].number64));
}

long op_setns(struct context *context, const union value *a) {
	(void)context;
	autoclose int fd = (int)TRY(open(a[SETNS_PATH].string, O_RDONLY | O_CLOEXEC));
	return SYS(setns(fd, (int)a[SETNS_FLAGS].number));
}

long op_setns_slot(struct context *context, const union value *a) {
	return SYS(setns((int)CHECK(slot_fd(context, a[SETNS_SLOT_SLOT].number)), (int)a[SETNS_SLOT_FLAGS].number));
}

long op_keep_namespace(struct context *context, const union value *a) {
	const char *type = a[KEEP_NAMESPACE_TYPE].string, *path = a[KEEP_NAMESPACE_PATH].string, *name;
	char source[48] = "/proc/self/ns/";
	if (strchr(type, '/') != NULL || append(source, sizeof source, strlen(source), type) == sizeof source) return -EINVAL;
	autoclose int parent = (int)CHECK(open_parent(context, SLOT_HOST, path, true, &name));
	autoclose int file = (int)TRY(openat(parent, name, O_CREAT | O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0444));
	return SYS(mount(source, path, NULL, MS_BIND, NULL));
}

long op_set_hostname(struct context *context, const union value *a) {
	(void)context;
	return SYS(sethostname(a[SET_HOSTNAME_NAME].string, strlen(a[SET_HOSTNAME_NAME].string)));
}

long op_set_domainname(struct context *context, const union value *a) {
	(void)context;
	return SYS(setdomainname(a[SET_DOMAINNAME_NAME].string, strlen(a[SET_DOMAINNAME_NAME].string)));
}

long op_interface_up(struct context *context, const union value *a) {
	(void)context;
	struct ifreq request = {0};
	const char *name = a[INTERFACE_UP_NAME].string;
	if (strlen(name) >= sizeof request.ifr_name) return -EINVAL;
	strcpy(request.ifr_name, name);
	autoclose int fd = (int)TRY(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	TRY(ioctl(fd, SIOCGIFFLAGS, &request));
	request.ifr_flags |= IFF_UP;
	return SYS(ioctl(fd, SIOCSIFFLAGS, &request));
}
