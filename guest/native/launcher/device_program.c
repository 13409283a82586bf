#define _GNU_SOURCE
#include "device_program.h"
#include "kernel.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

/* Above the descriptors that a process of a plan begins with. */
#define LOWEST_KEPT 8

/* Nearly all containers have the same rules, so that one program is worth keeping. */
static struct {
	struct blob program;
	int fd;
} kept = {.fd = -1};

static bool is_kept(struct blob program) {
	return kept.fd >= 0 && kept.program.size == program.size && memcmp(kept.program.data, program.data, program.size) == 0;
}

static long load(struct blob program) {
	static const char licence[] = "GPL";
	union bpf_attr attributes;
	memset(&attributes, 0, sizeof attributes);
	attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attributes.insns = (uintptr_t)program.data;
	attributes.insn_cnt = program.size / sizeof(struct bpf_insn);
	attributes.license = (uintptr_t)licence;
	return SYS(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes));
}

long device_program_take(struct blob program) {
	return is_kept(program) ? SYS(fcntl(kept.fd, F_DUPFD_CLOEXEC, 0)) : load(program);
}

static void forget(void) {
	if (kept.fd >= 0) close(kept.fd);
	free((void *)kept.program.data);
	kept.program.data = NULL;
	kept.fd = -1;
}

int device_program_keep(struct blob program) {
	if (is_kept(program)) return kept.fd;
	forget();
	uint8_t *copy = malloc(program.size);
	/* A program that the kernel refuses is refused again, and reported, when the plan's step runs. */
	autoclose int loaded = copy == NULL ? -1 : (int)load(program);
	int fd = loaded < 0 ? -1 : (int)SYS(fcntl(loaded, F_DUPFD_CLOEXEC, LOWEST_KEPT));
	if (fd < 0) {
		free(copy);
		return -1;
	}
	memcpy(copy, program.data, program.size);
	kept.program = (struct blob){copy, program.size};
	kept.fd = fd;
	return fd;
}
