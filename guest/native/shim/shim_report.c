#include "shim.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *put(uint8_t *out, uint64_t value, unsigned size) {
	for (unsigned i = 0; i < size; i++) *out++ = (uint8_t)(value >> (8 * i));
	return out;
}

#define REPORT_HEADER 9
#define REPORT_ENTRY 18

/* A report message; the caller frees. */
static long make_report(uint8_t role, const struct step_report *reports, uint32_t first, uint32_t count, struct blob *made) {
	size_t size = FRAME_HEADER + REPORT_HEADER;
	for (uint32_t i = 0; i < count; i++) size += REPORT_ENTRY + reports[first + i].data_size;
	uint8_t *bytes = malloc(size);
	if (bytes == NULL) return -ENOMEM;
	uint8_t *out = put(put(bytes, MESSAGE_REPORT, 1), size - FRAME_HEADER, 4);
	out = put(put(put(out, role, 1), first, 4), count, 4);
	for (uint32_t i = first; i < first + count; i++) {
		out = put(put(put(out, reports[i].op, 2), (uint32_t)reports[i].result, 4), reports[i].nanoseconds, 8);
		out = put(out, reports[i].data_size, 4);
		if (reports[i].data_size > 0) memcpy(out, reports[i].data, reports[i].data_size);
		out += reports[i].data_size;
	}
	*made = (struct blob){bytes, (uint32_t)size};
	return 0;
}

long send_reports(int fd, uint8_t role, const struct step_report *reports, uint32_t first, uint32_t count) {
	struct blob report;
	CHECK(make_report(role, reports, first, count, &report));
	long result = write_all(fd, report.data, report.size);
	free((void *)report.data);
	return result;
}

long send_finished(struct context *context) {
	uint32_t finished = context->begun > 0 ? context->begun - 1 : 0;
	if (context->connection < 0) return -EINVAL;
	if (finished <= context->reported) return 0;
	uint32_t first = context->reported;
	context->reported = finished;
	return send_reports(context->connection, ROLE_SHIM, context->reports, first, finished - first);
}

static void fill_failure(uint8_t bytes[FAILURE_SIZE], uint8_t role, uint32_t step, uint16_t op, uint32_t error) {
	put(put(put(put(bytes, role, 1), step, 4), op, 2), error, 4);
}

void make_failure(uint8_t message[FRAME_HEADER + FAILURE_SIZE], uint8_t role, uint32_t step, uint16_t op, uint32_t error) {
	put(put(message, MESSAGE_FAILED, 1), FAILURE_SIZE, 4);
	fill_failure(message + FRAME_HEADER, role, step, op, error);
}

long send_failure(int fd, uint8_t role, uint32_t step, uint16_t op, uint32_t error) {
	uint8_t message[FRAME_HEADER + FAILURE_SIZE];
	make_failure(message, role, step, op, error);
	return write_all(fd, message, sizeof message);
}

void report_failure(struct shim *shim, uint8_t role, uint32_t step, uint16_t op, uint32_t error) {
	uint8_t bytes[FAILURE_SIZE];
	fill_failure(bytes, role, step, op, error);
	clients_tell(shim, MESSAGE_FAILED, bytes, sizeof bytes);
}

/* Steps of a role that have a result. A process that has executed has ended its last step with the execve. */
static uint32_t finished_steps(const struct shim *shim, uint8_t role) {
	if (role == ROLE_SHIM) return shim->settled || shim->begun == 0 ? shim->begun : shim->begun - 1;
	const struct init_progress *progress = shim->context.progress;
	if (progress == NULL || progress->begun == 0) return 0;
	bool last_finished = shim->executed || progress->failure != 0;
	return last_finished ? progress->begun : progress->begun - 1;
}

static void report_role(struct shim *shim, struct client *client, uint8_t role, uint32_t first) {
	const struct step_report *reports = role == ROLE_SHIM ? shim->reports : NULL;
	if (role == ROLE_INIT && shim->context.progress != NULL) reports = shim->context.progress->reports;
	uint32_t count = finished_steps(shim, role);
	struct blob report;
	if (count <= first || reports == NULL) return;
	if (make_report(role, reports, first, count - first, &report) < 0) return;
	client_send(shim, client, MESSAGE_REPORT, report.data + FRAME_HEADER, report.size - FRAME_HEADER, NULL, 0);
	free((void *)report.data);
}

/* Tells the launching connection, always the first client, of each step once. */
void report_new(struct shim *shim) {
	struct client *first = &shim->clients[0];
	for (uint8_t role = ROLE_SHIM; role <= ROLE_INIT; role++) {
		if (first->fd >= 0 && !first->attached) report_role(shim, first, role, shim->sent[role]);
		shim->sent[role] = finished_steps(shim, role);
	}
}

static void fill_identity(const struct shim *shim, uint8_t bytes[12]) {
	put(put(bytes, (uint32_t)shim->pid, 4), shim->start_time, 8);
}

/* Sends a client that came later all reports, then the state of the process, its exit too. */
void report_state(struct shim *shim, struct client *client) {
	uint8_t identity[12];
	fill_identity(shim, identity);
	report_role(shim, client, ROLE_SHIM, 0);
	report_role(shim, client, ROLE_INIT, 0);
	uint8_t type = shim->executed ? MESSAGE_STARTED : MESSAGE_WAITING;
	client_send(shim, client, type, identity, sizeof identity, NULL, 0);
	if (shim->settled && shim->exit_record_size > 0 && client->fd >= 0)
		client_send(shim, client, MESSAGE_EXIT, shim->exit_record, shim->exit_record_size, NULL, 0);
}
