/*
 * Mounts. All functions work on descriptors, so that nobody can swap the path between looking a target up and mounting
 * on it (CVE-2021-30465).
 */
#include "kernel.h"
#include "run.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define NO_LINKS (K_RESOLVE_NO_SYMLINKS | K_RESOLVE_NO_MAGICLINKS)
#define MS_REC_FLAG 16384

static long set_attributes(int mount, const char *path, unsigned flags, struct k_mount_attr attr) {
	if (attr.attr_set == 0 && attr.attr_clr == 0 && attr.propagation == 0) return 0;
	/* In mount(2) recursion is a flag of the propagation; here it is a flag of the call. */
	if (attr.propagation & MS_REC_FLAG) flags |= K_AT_RECURSIVE;
	attr.propagation &= ~(uint64_t)MS_REC_FLAG;
	return SYS(k_mount_setattr(mount, path, flags, &attr));
}

/* Makes one fsconfig call: for `key=value`, or for a flag. */
static long configure(int fs, const char *option) {
	char key[256];
	const char *equals = strchr(option, '=');
	if (equals == NULL) return SYS(k_fsconfig(fs, K_FSCONFIG_SET_FLAG, option, NULL));
	size_t length = (size_t)(equals - option);
	if (length >= sizeof key) return -EINVAL;
	memcpy(key, option, length);
	key[length] = '\0';
	return SYS(k_fsconfig(fs, K_FSCONFIG_SET_STRING, key, equals + 1));
}

/* The file system's root gets the permission bits of what it will cover, when there is something. */
static long configure_mode(int fs, int covered) {
	struct stat status;
	if (covered < 0) return 0;
	TRY(fstat(covered, &status));
	char mode[5] = "0000";
	for (int i = 3, bits = status.st_mode & 07777; i >= 0; i--, bits >>= 3) mode[i] = (char)('0' + (bits & 7));
	return SYS(k_fsconfig(fs, K_FSCONFIG_SET_STRING, "mode", mode));
}

static long make_mount(const char *type, char *const *options, uint64_t attributes, int covered) {
	autoclose int fs = (int)TRY(k_fsopen(type));
	CHECK(configure_mode(fs, covered));
	for (; *options != NULL; options++) CHECK(configure(fs, *options));
	TRY(k_fsconfig(fs, K_FSCONFIG_CMD_CREATE, NULL, NULL));
	return SYS(k_fsmount(fs, (unsigned)attributes));
}

long op_mount_fs(struct context *context, const union value *a) {
	uint32_t at = a[MOUNT_FS_AT].number;
	const char *path = a[MOUNT_FS_TARGET].string;
	autoclose int covered = a[MOUNT_FS_INHERIT_MODE].number ? (int)open_at(context, at, path, O_PATH, 0, 0) : -1;
	autoclose int mount = (int)CHECK(
	    make_mount(a[MOUNT_FS_TYPE].string, a[MOUNT_FS_OPTIONS].strings, a[MOUNT_FS_ATTRIBUTES].number64, covered));
	autoclose int target = (int)CHECK(open_mount_point(context, at, path, true));
	return SYS(k_attach_mount(mount, target));
}

/* mount(2) takes only paths; /proc/self/fd gives the descriptor one. */
long op_mount(struct context *context, const union value *a) {
	autoclose int target = (int)CHECK(open_at(context, a[MOUNT_AT].number, a[MOUNT_TARGET].string, O_PATH, 0, 0));
	char path[48] = "/proc/self/fd/";
	append_decimal(path, sizeof path, strlen(path), (uint64_t)target);
	const char *type = a[MOUNT_TYPE].string, *data = a[MOUNT_DATA].string;
	return SYS(mount(a[MOUNT_SOURCE].string, path, *type ? type : NULL, a[MOUNT_FLAGS].number, *data ? data : NULL));
}

static long clone_tree(int fd, bool recursive) {
	unsigned flags = K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC | K_AT_EMPTY_PATH | (recursive ? K_AT_RECURSIVE : 0);
	return SYS(k_open_tree(fd, "", flags));
}

long op_open_tree(struct context *context, const union value *a) {
	autoclose int source = (int)CHECK(open_at(context, a[OPEN_TREE_AT].number, a[OPEN_TREE_PATH].string, O_PATH, 0, 0));
	uint32_t slot = a[OPEN_TREE_SLOT].number;
	return put_slot(context, slot, (int)CHECK(clone_tree(source, a[OPEN_TREE_RECURSIVE].number)));
}

long op_attach_tree(struct context *context, const union value *a) {
	int tree = (int)CHECK(slot_fd(context, a[ATTACH_TREE_SLOT].number));
	autoclose int target = (int)CHECK(open_at(context, SLOT_HOST, a[ATTACH_TREE_PATH].string, O_PATH, 0, 0));
	return SYS(k_attach_mount(tree, target));
}

long op_bind(struct context *context, const union value *a) {
	uint64_t resolve = a[BIND_SOURCE_BENEATH].number ? K_RESOLVE_BENEATH : 0;
	autoclose int source = (int)CHECK(open_at(context, a[BIND_SOURCE_AT].number, a[BIND_SOURCE].string, O_PATH, 0, resolve));
	struct stat status;
	TRY(fstat(source, &status));
	autoclose int tree = (int)CHECK(clone_tree(source, a[BIND_RECURSIVE].number));
	struct k_mount_attr top = {.attr_set = a[BIND_SET].number64, .attr_clr = a[BIND_CLEAR].number64};
	struct k_mount_attr all = {.attr_set = a[BIND_RECURSIVE_SET].number64};
	struct k_mount_attr propagation = {.propagation = a[BIND_PROPAGATION].number64};
	CHECK(set_attributes(tree, "", K_AT_EMPTY_PATH, top));
	CHECK(set_attributes(tree, "", K_AT_EMPTY_PATH | K_AT_RECURSIVE, all));
	bool directory = S_ISDIR(status.st_mode);
	autoclose int target = (int)CHECK(open_mount_point(context, a[BIND_AT].number, a[BIND_TARGET].string, directory));
	CHECK(set_attributes(tree, "", K_AT_EMPTY_PATH, propagation));
	return SYS(k_attach_mount(tree, target));
}

long op_mount_setattr(struct context *context, const union value *a) {
	autoclose int fd = (int)CHECK(open_at(context, a[MOUNT_SETATTR_AT].number, a[MOUNT_SETATTR_PATH].string, O_PATH, 0, 0));
	struct k_mount_attr attr = {
	    .attr_set = a[MOUNT_SETATTR_SET].number64,
	    .attr_clr = a[MOUNT_SETATTR_CLEAR].number64,
	    .propagation = a[MOUNT_SETATTR_PROPAGATION].number64,
	};
	return set_attributes(fd, "", K_AT_EMPTY_PATH | (a[MOUNT_SETATTR_RECURSIVE].number ? K_AT_RECURSIVE : 0), attr);
}

/* Opens the guest's own /dev/null and checks it: a container's could be anything (CVE-2025-31133). */
static long null_mount(void) {
	autoclose int null = (int)TRY(open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC));
	struct stat status;
	TRY(fstat(null, &status));
	if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3)) return -ENODEV;
	return clone_tree(null, false);
}

static char *const empty_directory[] = {"source=tmpfs", "size=0", "nr_inodes=1", "mode=755", NULL};

long op_mask_path(struct context *context, const union value *a) {
	autoclose int target =
	    (int)CHECK(open_at(context, a[MASK_PATH_AT].number, a[MASK_PATH_PATH].string, O_PATH | O_NOFOLLOW, 0, NO_LINKS));
	struct stat status;
	TRY(fstat(target, &status));
	uint64_t attributes = K_MOUNT_ATTR_RDONLY | K_MOUNT_ATTR_NOSUID | K_MOUNT_ATTR_NODEV | K_MOUNT_ATTR_NOEXEC;
	bool directory = S_ISDIR(status.st_mode);
	autoclose int cover = (int)CHECK(directory ? make_mount("tmpfs", empty_directory, attributes, -1) : null_mount());
	return SYS(k_attach_mount(cover, target));
}

long op_readonly_path(struct context *context, const union value *a) {
	autoclose int target = (int)CHECK(
	    open_at(context, a[READONLY_PATH_AT].number, a[READONLY_PATH_PATH].string, O_PATH | O_NOFOLLOW, 0, NO_LINKS));
	autoclose int tree = (int)CHECK(clone_tree(target, true));
	CHECK(set_attributes(tree, "", K_AT_EMPTY_PATH | K_AT_RECURSIVE, (struct k_mount_attr){.attr_set = K_MOUNT_ATTR_RDONLY}));
	return SYS(k_attach_mount(tree, target));
}

long op_umount(struct context *context, const union value *a) {
	(void)context;
	return SYS(umount2(a[UMOUNT_PATH].string, (int)a[UMOUNT_FLAGS].number | UMOUNT_NOFOLLOW));
}

/*
 * pivot_root puts the old root on top of the new one, and it is detached from there, so that the image needs no
 * directory for it.
 */
long op_pivot_root(struct context *context, const union value *a) {
	autoclose int old = (int)TRY(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
	TRY(fchdir((int)CHECK(slot_fd(context, a[PIVOT_ROOT_AT].number))));
	TRY(syscall(SYS_pivot_root, ".", "."));
	TRY(fchdir(old));
	TRY(mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL));
	TRY(umount2(".", MNT_DETACH));
	return SYS(chdir("/"));
}

long op_chroot(struct context *context, const union value *a) {
	TRY(fchdir((int)CHECK(slot_fd(context, a[CHROOT_AT].number))));
	TRY(chroot("."));
	return SYS(chdir("/"));
}

/* A path such as /proc/self/fd/7 can lead to a directory outside the root (CVE-2024-21626): the kernel then has no name for it. */
long op_chdir(struct context *context, const union value *a) {
	const char *path = a[CHDIR_PATH].string;
	if (a[CHDIR_CREATE].number) {
		autoclose int made = (int)CHECK(make_directories(context, SLOT_HOST, path, 0755));
	}
	TRY(chdir(path));
	char name[4096];
	if (syscall(SYS_getcwd, name, sizeof name) < 0 || name[0] != '/') {
		TRY(chdir("/"));
		return -EPERM;
	}
	return 0;
}
