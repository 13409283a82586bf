/*
 * System calls that the C libraries do not wrap, with the kernel's structures under names of our own: the headers of
 * glibc, musl and the kernel disagree on who declares them. Values from include/uapi/linux.
 */
#pragma once

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* openat2.h */
struct k_open_how {
	uint64_t flags, mode, resolve;
};
#define K_RESOLVE_NO_MAGICLINKS 0x02
#define K_RESOLVE_NO_SYMLINKS 0x04
#define K_RESOLVE_BENEATH 0x08
#define K_RESOLVE_IN_ROOT 0x10

/* mount.h */
struct k_mount_attr {
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};
#define K_MOUNT_ATTR_RDONLY 0x1
#define K_MOUNT_ATTR_NOSUID 0x2
#define K_MOUNT_ATTR_NODEV 0x4
#define K_MOUNT_ATTR_NOEXEC 0x8
#define K_OPEN_TREE_CLONE 1
#define K_OPEN_TREE_CLOEXEC 02000000
#define K_AT_RECURSIVE 0x8000
#define K_AT_EMPTY_PATH 0x1000
#define K_MOVE_MOUNT_F_EMPTY_PATH 0x4
#define K_MOVE_MOUNT_T_EMPTY_PATH 0x40
#define K_FSOPEN_CLOEXEC 1
#define K_FSMOUNT_CLOEXEC 1
#define K_FSCONFIG_SET_FLAG 0
#define K_FSCONFIG_SET_STRING 1
#define K_FSCONFIG_CMD_CREATE 6

/* sched.h */
struct k_clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};
#define K_CLONE_PIDFD 0x1000
#define K_CLONE_INTO_CGROUP 0x200000000ull

/* close_range.h, memfd.h, fcntl.h */
#define K_CLOSE_RANGE_CLOEXEC 4
#define K_MFD_CLOEXEC 1
#define K_MFD_ALLOW_SEALING 2
#define K_F_ADD_SEALS 1033
#define K_F_SEAL_ALL 0xf

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static inline long k_openat2(int at, const char *path, struct k_open_how *how) {
	return syscall(SYS_openat2, at, path, how, sizeof *how);
}
static inline long k_fchmodat2(int at, const char *path, unsigned mode, unsigned flags) {
	return syscall(SYS_fchmodat2, at, path, mode, flags);
}
static inline long k_open_tree(int at, const char *path, unsigned flags) {
	return syscall(SYS_open_tree, at, path, flags);
}
/* Attaches a detached mount on the file or directory that `target` is open on. */
static inline long k_attach_mount(int mount, int target) {
	return syscall(SYS_move_mount, mount, "", target, "", K_MOVE_MOUNT_F_EMPTY_PATH | K_MOVE_MOUNT_T_EMPTY_PATH);
}
static inline long k_mount_setattr(int at, const char *path, unsigned flags, struct k_mount_attr *attr) {
	return syscall(SYS_mount_setattr, at, path, flags, attr, sizeof *attr);
}
static inline long k_fsopen(const char *type) {
	return syscall(SYS_fsopen, type, K_FSOPEN_CLOEXEC);
}
static inline long k_fsconfig(int fs, unsigned command, const char *key, const char *value) {
	return syscall(SYS_fsconfig, fs, command, key, value, 0);
}
static inline long k_fsmount(int fs, unsigned attributes) {
	return syscall(SYS_fsmount, fs, K_FSMOUNT_CLOEXEC, attributes);
}
static inline long k_clone3(struct k_clone_args *args) {
	return syscall(SYS_clone3, args, sizeof *args);
}
static inline long k_pidfd_open(int pid) {
	return syscall(SYS_pidfd_open, pid, 0);
}
static inline long k_pidfd_send_signal(int pidfd, int signal) {
	return syscall(SYS_pidfd_send_signal, pidfd, signal, 0, 0);
}
