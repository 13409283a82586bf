#include "run.h"

#include <string.h>

static long (*const functions[])(struct context *, const union value *) = {
#define X(suffix, function, name, signature) op_##function,
    OP_TABLE(X)
#undef X
};

void context_init(struct context *context, enum role role, const struct plan *plan) {
	*context = (struct context){.role = role, .plan = plan, .sync = -1, .stdio = {-1, -1, -1}, .console = -1, .home = "", .connection = -1, .output_pipe = -1};
	for (int i = 0; i < SLOT_COUNT; i++) context->slots[i] = -1;
}

static uint64_t clock_of(const struct context *context) {
	return context->filtered ? 0 : clock_ns(CLOCK_MONOTONIC);
}

/* `last` is the end of the step before, and becomes that of this one. */
static bool run_step(struct context *context, const struct step *step, struct step_report *report, uint64_t *last) {
	context->data = (struct blob){NULL, 0};
	long result = functions[step->op](context, step->arguments);
	uint64_t end = clock_of(context);
	report->nanoseconds = end == 0 ? 0 : end - *last;
	*last = end;
	report->op = step->op;
	report->result = (int32_t)result;
	report->data = context->data.data;
	report->data_size = context->data.size;
	return result >= 0 || step->tolerate == TOLERATE_ANY || step->tolerate == -result;
}

uint32_t run_steps(struct context *context, const struct step_list *list, uint32_t from, uint32_t to,
		   struct step_report *reports, volatile uint32_t *begun) {
	uint64_t last = clock_of(context);
	for (uint32_t i = from; i < to; i++) {
		if (begun != NULL) *begun = i + 1;
		if (!run_step(context, &list->steps[i], &reports[i], &last)) return i;
	}
	return NOT_FAILED;
}

bool run_all(struct context *context, const struct step_list *list, uint32_t from, uint32_t to, struct step_report *reports) {
	bool succeeded = true;
	uint64_t last = clock_of(context);
	for (uint32_t i = from; i < to; i++) succeeded &= run_step(context, &list->steps[i], &reports[i], &last);
	return succeeded;
}

void blame(struct context *context, const char *path) {
	const char *copy = strdup(path);
	if (copy != NULL) context->data = (struct blob){(const uint8_t *)copy, (uint32_t)strlen(copy)};
}
