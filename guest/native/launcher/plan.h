/* A plan in memory; guest/runtime/plan/encode-plan.ts describes the wire form. */
#pragma once

#include "common.h"
#include "ops.generated.h"

enum op {
#define X(suffix, function, name, signature) OP_##suffix,
	OP_TABLE(X)
#undef X
	    OP_COUNT
};

#define MAX_ARGUMENTS 10
#define MAX_STEPS 4096
#define TOLERATE_ANY 0xffff

union value {
	uint32_t number;
	uint64_t number64;
	const char *string;
	struct blob bytes;
	/* NULL-terminated. */
	char **strings;
	struct {
		uint32_t *values, count;
	} numbers;
};

struct step {
	uint16_t op, tolerate;
	union value arguments[MAX_ARGUMENTS];
};

struct step_list {
	struct step *steps;
	uint32_t count;
};

/* A quiet host plan reports its steps only when one has failed. */
enum plan_kind { PLAN_HOST = 0, PLAN_LAUNCH = 1, PLAN_QUIET_HOST = 2 };
enum plan_flags { PLAN_TERMINAL = 1, PLAN_STDIN = 2, PLAN_STDIN_ONCE = 4 };
/* Attachments that output waits for. */
#define PLAN_HOLD(flags) ((flags) >> 8 & 0xff)

struct plan {
	enum plan_kind kind;
	const char *id;
	uint32_t flags;
	const char *socket_path, *exit_path, *log_path, *memory_events_path;
	uint64_t log_max_bytes;
	/* Host plans: the steps and their undo. */
	struct step_list shim, init;
};

/*
 * Parses a plan and checks all of it before anything runs. The plan points into `bytes`, which must stay. Returns
 * -EINVAL when they are no plan, or -ENOMEM.
 */
long plan_parse(struct plan *plan, struct blob bytes);

/*
 * Finds the shim's first step that is `op`, without the rest of the plan. Only for an op whose arguments are numbers, strings
 * and bytes, which need no memory.
 */
bool plan_find(struct blob bytes, enum op op, struct step *found);
