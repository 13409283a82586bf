/* Executing a list of steps. */
#pragma once

#include "plan.h"

#define SLOT_COUNT 32
#define SLOT_HOST 255

enum role { ROLE_SHIM = 0, ROLE_INIT = 1 };

/* What the kernel answered to one step. In memory shared by shim and init: reporting costs no system call. */
struct step_report {
	uint64_t nanoseconds;
	int32_t result;
	uint16_t op;
	uint32_t data_size;
	const uint8_t *data;
};

/* Written by init, read by the shim. */
struct init_progress {
	/* Steps begun; the last of them is the one that failed when `failed` is set. */
	volatile uint32_t begun;
	volatile int32_t failure;
	/* CLOCK_MONOTONIC just before execve. */
	volatile uint64_t executing_at;
	struct step_report reports[];
};

struct shim;

#define MAX_GROUPS 64

/* What a role knows while it runs its list. */
struct context {
	enum role role;
	const struct plan *plan;
	int slots[SLOT_COUNT];
	struct init_progress *progress;
	/* Init's and the shim's ends of their socket pair. */
	int sync;
	/* In init: the descriptors that become 0, 1 and 2 without a pty; with one, its slave. */
	int stdio[3];
	int console;
	/* Found by resolve-user and add-group. */
	uint32_t uid, gid, groups[MAX_GROUPS];
	uint32_t group_count;
	/* Found by find-home. */
	const char *home;
	/* Data of the step that runs, for its report. */
	struct blob data;
	/*
	 * Set after a seccomp filter: from then on only calls that the filter must allow are made, and the clock is not
	 * read.
	 */
	bool filtered;
	struct shim *shim;
	/* A host plan's connection, for steps that move bytes; -1 in a launch plan. */
	int connection;
	/* Where a host plan's output goes once the engine has said it: a pipe, and how much it took, or -1 for messages. */
	bool output_placed;
	int output_pipe;
	uint64_t piped;
	/* A host plan's reports: steps begun, and reports sent ahead of the end. */
	struct step_report *reports;
	volatile uint32_t begun;
	uint32_t reported;
};

#define NOT_FAILED UINT32_MAX

/* Sends a host plan's reports of the steps before the current one, as far as they were not sent. */
long send_finished(struct context *context);
/* Names what the step failed on, for its report. */
void blame(struct context *context, const char *path);

void context_init(struct context *context, enum role role, const struct plan *plan);
/* Runs steps [from, to); returns the index of the one that failed, or NOT_FAILED. `begun` (may be NULL) counts along. */
uint32_t run_steps(struct context *context, const struct step_list *list, uint32_t from, uint32_t to,
		   struct step_report *reports, volatile uint32_t *begun);
/* Runs steps [from, to) whatever fails; returns whether none did that is not tolerated. */
bool run_all(struct context *context, const struct step_list *list, uint32_t from, uint32_t to, struct step_report *reports);

/* paths.c: paths below a slot never leave it; SLOT_HOST is the caller's own root. */
long open_at(struct context *context, uint32_t slot, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
/*
 * Opens the directory that holds `path`; `name` is its last component. With `make`, missing directories are made
 * (0755).
 */
long open_parent(struct context *context, uint32_t slot, const char *path, bool make, const char **name);
/* mkdir -p; returns a descriptor of the directory. */
long make_directories(struct context *context, uint32_t slot, const char *path, uint32_t mode);
/* Opens the mount point; makes it as a directory or an empty file when it is missing. */
long open_mount_point(struct context *context, uint32_t slot, const char *path, bool directory);
/* Puts a descriptor into a slot, and closes the one that was in it. */
long put_slot(struct context *context, uint32_t slot, int fd);
/* The slot's descriptor, or -EBADF. */
long slot_fd(struct context *context, uint32_t slot);

#define X(suffix, function, name, signature) long op_##function(struct context *context, const union value *a);
OP_TABLE(X)
#undef X
