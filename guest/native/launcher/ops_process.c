/* Attributes and credentials of the calling process. */
#define _GNU_SOURCE
#include "kernel.h"
#include "run.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Not every C library lets linux/filter.h be included beside its own headers. */
struct filter_program {
	unsigned short length;
	const void *instructions;
};
#define FILTER_INSTRUCTION_SIZE 8

#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT 47
#define PR_CAP_AMBIENT_RAISE 2
#define PR_CAP_AMBIENT_CLEAR_ALL 4
#endif

long op_set_session(struct context *context, const union value *a) {
	(void)context, (void)a;
	return SYS(setsid());
}

long op_session_keyring(struct context *context, const union value *a) {
	(void)context;
	return SYS(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, a[SESSION_KEYRING_NAME].string));
}

long op_personality(struct context *context, const union value *a) {
	(void)context;
	return SYS(personality(a[PERSONALITY_PERSONA].number));
}

long op_umask(struct context *context, const union value *a) {
	(void)context;
	umask(a[UMASK_MASK].number);
	return 0;
}

/* The C libraries' rlimit structures differ in width; the kernel's own call always has 64 bits. */
long op_rlimit(struct context *context, const union value *a) {
	(void)context;
	uint64_t limits[2] = {a[RLIMIT_SOFT].number64, a[RLIMIT_HARD].number64};
	return SYS(syscall(SYS_prlimit64, 0, a[RLIMIT_RESOURCE].number, limits, NULL));
}

long op_dumpable(struct context *context, const union value *a) {
	(void)context;
	return SYS(prctl(PR_SET_DUMPABLE, a[DUMPABLE_VALUE].number, 0, 0, 0));
}

long op_no_new_privileges(struct context *context, const union value *a) {
	(void)context, (void)a;
	return SYS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

long op_securebits(struct context *context, const union value *a) {
	(void)context;
	return SYS(prctl(PR_SET_SECUREBITS, a[SECUREBITS_BITS].number, 0, 0, 0));
}

long op_keep_capabilities(struct context *context, const union value *a) {
	(void)context;
	return SYS(prctl(PR_SET_KEEPCAPS, a[KEEP_CAPABILITIES_VALUE].number, 0, 0, 0));
}

/* The kernel answers EINVAL for the first number that it has no capability for. */
long op_bounding_set(struct context *context, const union value *a) {
	(void)context;
	uint64_t keep = a[BOUNDING_SET_KEEP].number64;
	for (unsigned capability = 0; capability < 64; capability++) {
		if (keep >> capability & 1) continue;
		long dropped = SYS(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0));
		if (dropped == -EINVAL) return 0;
		CHECK(dropped);
	}
	return 0;
}

long op_capset(struct context *context, const union value *a) {
	(void)context;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	for (unsigned half = 0; half < 2; half++) {
		data[half].effective = (uint32_t)(a[CAPSET_EFFECTIVE].number64 >> (32 * half));
		data[half].permitted = (uint32_t)(a[CAPSET_PERMITTED].number64 >> (32 * half));
		data[half].inheritable = (uint32_t)(a[CAPSET_INHERITABLE].number64 >> (32 * half));
	}
	return SYS(syscall(SYS_capset, &header, data));
}

long op_ambient_set(struct context *context, const union value *a) {
	(void)context;
	TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	uint64_t raise = a[AMBIENT_SET_RAISE].number64;
	for (unsigned capability = 0; raise >> capability != 0; capability++)
		if (raise >> capability & 1) TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0));
	return 0;
}

long op_setgroups(struct context *context, const union value *a) {
	(void)context;
	return SYS(setgroups(a[SETGROUPS_GIDS].numbers.count, a[SETGROUPS_GIDS].numbers.values));
}

long op_setresgid(struct context *context, const union value *a) {
	(void)context;
	gid_t gid = a[SETRESGID_GID].number;
	return SYS(setresgid(gid, gid, gid));
}

long op_setresuid(struct context *context, const union value *a) {
	(void)context;
	uid_t uid = a[SETRESUID_UID].number;
	return SYS(setresuid(uid, uid, uid));
}

/*
 * Gives stdio to a process that is not root, which must be able to open its own /dev/stdout again; leaves /dev/null as
 * it is.
 */
static void give_stdio(uid_t uid) {
	for (int fd = 0; fd < 3; fd++) {
		struct stat status;
		if (fstat(fd, &status) < 0 || status.st_uid == uid) continue;
		if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)) continue;
		/* A pty of another mount namespace, or a read-only one, cannot be given away; the container works without. */
		if (fchown(fd, uid, (gid_t)-1) < 0) continue;
	}
}

long op_set_user(struct context *context, const union value *a) {
	(void)a;
	if (context->uid != 0) give_stdio(context->uid);
	TRY(setgroups(context->group_count, context->groups));
	TRY(setresgid(context->gid, context->gid, context->gid));
	return SYS(setresuid(context->uid, context->uid, context->uid));
}

long op_seccomp(struct context *context, const union value *a) {
	struct blob bytes = a[SECCOMP_PROGRAM].bytes;
	if (bytes.size % FILTER_INSTRUCTION_SIZE != 0 || bytes.size / FILTER_INSTRUCTION_SIZE > UINT16_MAX) return -EINVAL;
	struct filter_program program = {(unsigned short)(bytes.size / FILTER_INSTRUCTION_SIZE), bytes.data};
	TRY(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, a[SECCOMP_FLAGS].number, &program));
	context->filtered = true;
	return 0;
}
