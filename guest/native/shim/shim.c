#define _GNU_SOURCE
#include "shim.h"
#include "kernel.h"
#include "socket.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* Milliseconds for which other holders of the outputs may still write after the process has ended, as in Docker. */
#ifndef LINGER_MS
#define LINGER_MS 2000
#endif

enum position { AT_LISTENER, AT_SYNC, AT_PIDFD, AT_STDOUT, AT_STDERR, AT_INPUT, AT_DNS, AT_CLIENTS };
#define POSITIONS (AT_CLIENTS + MAX_CLIENTS)

bool shim_init_failed(const struct shim *shim) {
	return shim->sync_ended && !shim->executed;
}

static bool reached(struct shim *shim, enum goal goal) {
	switch (goal) {
	case GOAL_POINT: return shim->point != 0;
	case GOAL_START: return shim->start_requested;
	case GOAL_EXEC: return shim->executed;
	case GOAL_EXIT:
		if (shim->ended && !shim->hold) stream_drain(shim);
		return shim->ended;
	case GOAL_DRAINED: return shim->outputs_closed && !clients_pending(shim);
	case GOAL_ALONE: return !clients_attached(shim);
	}
	return true;
}

/*
 * Reads a message of init: 1 byte with the pty's master, or the number of a synchronise point; end of file when it has
 * executed.
 */
static void sync_read(struct shim *shim) {
	uint32_t point = 0;
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec data = {&point, sizeof point};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	long size = SYS(recvmsg(shim->sync, &message, MSG_CMSG_CLOEXEC));
	if (size == -EAGAIN || size == -EINTR) return;
	if (size <= 0) {
		shim->sync_ended = true;
		shim->executed = shim->context.progress->executing_at != 0;
		shim->executed_at = clock_ns(CLOCK_MONOTONIC);
		return;
	}
	if (size == sizeof point) shim->point = point;
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header == NULL || header->cmsg_type != SCM_RIGHTS) return;
	int master;
	memcpy(&master, CMSG_DATA(header), sizeof master);
	shim->outputs[0] = master;
	shim->input = fcntl(master, F_DUPFD_CLOEXEC, 3);
}

static void reap(struct shim *shim) {
	if (waitpid(shim->pid, &shim->status, WNOHANG) != shim->pid) return;
	shim->ended = true;
	shim->ended_at = clock_ns(CLOCK_REALTIME);
}

static void watch(struct pollfd *place, int fd, bool wanted, short events) {
	*place = (struct pollfd){.fd = wanted ? fd : -1, .events = events};
}

static void fill_poll(const struct shim *shim, struct pollfd set[POSITIONS]) {
	bool read_output = !shim->hold && !clients_output_full(shim);
	bool input_stuck = input_full(shim);
	watch(&set[AT_LISTENER], shim->listener, true, POLLIN);
	watch(&set[AT_SYNC], shim->sync, !shim->sync_ended, POLLIN);
	watch(&set[AT_PIDFD], shim->pidfd, !shim->ended, POLLIN);
	watch(&set[AT_STDOUT], shim->outputs[0], read_output, POLLIN);
	watch(&set[AT_STDERR], shim->outputs[1], read_output, POLLIN);
	watch(&set[AT_INPUT], shim->input, shim->input_queue.size > 0, POLLOUT);
	watch(&set[AT_DNS], shim->dns, true, POLLIN);
	for (unsigned i = 0; i < MAX_CLIENTS; i++) {
		const struct client *client = &shim->clients[i];
		short events = (short)((client->stdin && input_stuck ? 0 : POLLIN) | (client->out.size > 0 ? POLLOUT : 0));
		watch(&set[AT_CLIENTS + i], client->fd, events != 0, events);
	}
}

/* Milliseconds until the outputs are given up, or -1. */
static int linger(const struct shim *shim) {
	if (!shim->ended || shim->hold || shim->outputs_closed) return -1;
	int64_t age = (int64_t)(clock_ns(CLOCK_REALTIME) - shim->ended_at) / 1000000;
	return age >= LINGER_MS ? 0 : (int)(LINGER_MS - age);
}

static void poll_once(struct shim *shim) {
	struct pollfd set[POSITIONS];
	fill_poll(shim, set);
	if (poll(set, POSITIONS, linger(shim)) < 0) return;
	/* Init may have sent something just before its end, such as the pty's master, which must not be missed. */
	if (set[AT_SYNC].revents) sync_read(shim);
	for (unsigned i = 0; i < MAX_CLIENTS; i++) {
		if (set[AT_CLIENTS + i].revents & POLLOUT) client_flush(shim, &shim->clients[i]);
		short readable = set[AT_CLIENTS + i].revents & (POLLIN | POLLHUP | POLLERR);
		if (readable && shim->clients[i].fd >= 0) client_read(shim, &shim->clients[i]);
	}
	if (set[AT_STDOUT].revents) stream_read(shim, 1, 1);
	if (set[AT_STDERR].revents) stream_read(shim, 2, 1);
	if (set[AT_INPUT].revents) input_write(shim);
	if (set[AT_DNS].revents) dns_read(shim);
	if (set[AT_LISTENER].revents) client_accept(shim);
	if (set[AT_PIDFD].revents) reap(shim);
	bool silent = shim->outputs[0] < 0 && shim->outputs[1] < 0;
	if (shim->ended && (silent || linger(shim) == 0)) outputs_close(shim);
}

long shim_wait(struct shim *shim, enum goal goal) {
	while (!reached(shim, goal)) {
		if (goal <= GOAL_EXEC && shim_init_failed(shim)) return -ECHILD;
		poll_once(shim);
	}
	return 0;
}

static long shim_init(struct shim *shim, int connection, const struct plan *plan) {
	*shim = (struct shim){.plan = plan, .listener = -1, .pidfd = -1, .sync = -1, .outputs = {-1, -1}, .input = -1, .dns = -1};
	shim->hold = PLAN_HOLD(plan->flags);
	context_init(&shim->context, ROLE_SHIM, plan);
	shim->context.shim = shim;
	clients_init(shim, connection);
	char name[16];
	memset(name, 0, sizeof name);
	append(name, sizeof name, 0, "shim-");
	for (size_t i = 5; i + 1 < sizeof name && plan->id[i - 5] != '\0'; i++) name[i] = plan->id[i - 5];
	prctl(PR_SET_NAME, name, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
	shim->reports = calloc(plan->shim.count + 1, sizeof *shim->reports);
	if (shim->reports == NULL) return -ENOMEM;
	if (*plan->exit_path != '\0' && unlink(plan->exit_path) < 0 && errno != ENOENT) return -errno;
	log_open(&shim->log, plan->log_path, plan->log_max_bytes);
	CHECK(shim->log.error);
	shim->listener = (int)CHECK(listen_unix(plan->socket_path));
	return 0;
}

static uint32_t find_exit_step(const struct plan *plan) {
	uint32_t i = 0;
	while (i < plan->shim.count && plan->shim.steps[i].op != OP_AWAIT_EXIT) i++;
	return i;
}

/*
 * An attachment may still send input, which the kernel answers with EPIPE once the shim has gone, and then its client
 * drops what it has not read yet. So the shim stays until its attachments have read to the end and closed.
 */
static _Noreturn void finish(struct shim *shim) {
	shim_wait(shim, GOAL_DRAINED);
	if (shim->listener >= 0) {
		unlink(shim->plan->socket_path);
		close(shim->listener);
		shim->listener = -1;
	}
	clients_finish(shim);
	shim_wait(shim, GOAL_ALONE);
	exit(0);
}

/* Undoes what was done: kills init, runs the steps after await-exit, and then tells which step failed. */
static _Noreturn void fail(struct shim *shim, uint32_t step, uint32_t exit_step) {
	const struct plan *plan = shim->plan;
	int32_t error = -shim->reports[step].result;
	bool init = shim->pid > 0 && shim_init_failed(shim);
	if (shim->pid > 0 && !shim->ended) {
		k_pidfd_send_signal(shim->pidfd, SIGKILL);
		waitpid(shim->pid, &shim->status, 0);
		shim->ended = true;
	}
	shim->settled = true;
	report_new(shim);
	if (exit_step < plan->shim.count) run_all(&shim->context, &plan->shim, exit_step + 1, plan->shim.count, shim->reports);
	outputs_close(shim);
	if (init) {
		const struct init_progress *progress = shim->context.progress;
		uint32_t last = progress->begun > 0 ? progress->begun - 1 : 0;
		/* Init reported no error, so it was killed, most likely because memory ran out. */
		error = progress->failure != 0 ? progress->failure : ECHILD;
		report_failure(shim, ROLE_INIT, last, plan->init.steps[last].op, (uint32_t)error);
	} else {
		report_failure(shim, ROLE_SHIM, step, plan->shim.steps[step].op, (uint32_t)error);
	}
	finish(shim);
}

_Noreturn void shim_main(int connection, const struct plan *plan) {
	static struct shim shim;
	long ready = shim_init(&shim, connection, plan);
	if (ready < 0) {
		send_failure(connection, ROLE_SHIM, UINT32_MAX, UINT16_MAX, (uint32_t)-ready);
		exit(1);
	}
	uint32_t count = plan->shim.count, exit_step = find_exit_step(plan);
	uint32_t failed = run_steps(&shim.context, &plan->shim, 0, exit_step, shim.reports, &shim.begun);
	if (failed != NOT_FAILED) fail(&shim, failed, exit_step);
	bool cleaned_up = run_all(&shim.context, &plan->shim, exit_step, count, shim.reports);
	shim.begun = count;
	shim.settled = true;
	shim.corked = true;
	report_new(&shim);
	if (shim.exit_record_size > 0) {
		shim.exit_record_size = complete_exit(shim.exit_record, shim.exit_record_size, sizeof shim.exit_record, cleaned_up);
		/* A full disk must not keep a connected engine from hearing of the exit. */
		(void)write_exit_record(&shim, shim.exit_record, shim.exit_record_size);
		clients_tell(&shim, MESSAGE_EXIT, shim.exit_record, shim.exit_record_size);
	}
	clients_flush(&shim);
	finish(&shim);
}
