/* The steps by which the shim makes its child and waits for it. */
#define _GNU_SOURCE
#include "kernel.h"
#include "shim.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

pid_t hook_pid(struct context *context);

pid_t hook_pid(struct context *context) {
	return context->shim != NULL ? context->shim->pid : getpid();
}

/* Runs in the child: everything inherited closes at execve, and signals are as a fresh process expects them. */
static _Noreturn void run_init(struct context *shim, const int stdio[3], int sync) {
	struct context context;
	context_init(&context, ROLE_INIT, shim->plan);
	memcpy(context.slots, shim->slots, sizeof context.slots);
	memcpy(context.stdio, stdio, sizeof context.stdio);
	context.progress = shim->progress;
	context.sync = sync;
	syscall(SYS_close_range, 3, ~0u, K_CLOSE_RANGE_CLOEXEC);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	struct init_progress *progress = context.progress;
	const struct step_list *list = &context.plan->init;
	uint32_t failed = run_steps(&context, list, 0, list->count, progress->reports, &progress->begun);
	/* The list ends with `execute`, so coming back from it is a failure. */
	progress->failure = failed == NOT_FAILED ? EINVAL : -progress->reports[failed].result;
	_exit(127);
}

/* Pairs of [0] for the child and [1] for the shim; input flows the other way than output. */
static long make_pipes(const struct plan *plan, int pipes[3][2]) {
	for (int fd = 0; fd < 3; fd++) {
		if (plan->flags & PLAN_TERMINAL || (fd == 0 && !(plan->flags & PLAN_STDIN))) continue;
		int ends[2];
		TRY(pipe2(ends, O_CLOEXEC));
		pipes[fd][0] = ends[fd == 0 ? 0 : 1];
		pipes[fd][1] = ends[fd == 0 ? 1 : 0];
		TRY(fcntl(pipes[fd][1], F_SETFL, O_NONBLOCK));
	}
	return 0;
}

static long share_progress(struct context *context) {
	size_t size = sizeof(struct init_progress) + context->plan->init.count * sizeof(struct step_report);
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) return -errno;
	context->progress = shared;
	return 0;
}

long op_clone(struct context *context, const union value *a) {
	struct shim *shim = context->shim;
	if (shim == NULL || shim->pid > 0) return -EINVAL;
	int sync[2], pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}}, pidfd = -1;
	CHECK(share_progress(context));
	CHECK(make_pipes(context->plan, pipes));
	TRY(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync));
	autoclose int child_sync = sync[1];
	shim->sync = sync[0];
	shim->input = pipes[0][1];
	shim->outputs[0] = pipes[1][1];
	shim->outputs[1] = pipes[2][1];
	shim->oom_kills = read_oom_kills(context->plan->memory_events_path);
	struct k_clone_args args = {.flags = a[CLONE_FLAGS].number64 | K_CLONE_PIDFD, .exit_signal = SIGCHLD};
	args.pidfd = (uintptr_t)&pidfd;
	autoclose int cgroup = -1;
	if (*a[CLONE_CGROUP].string != '\0') {
		cgroup = (int)TRY(open(a[CLONE_CGROUP].string, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		args.flags |= K_CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup;
	}
	long pid = TRY(k_clone3(&args));
	if (pid == 0) run_init(context, (int[]){pipes[0][0], pipes[1][0], pipes[2][0]}, child_sync);
	for (int fd = 0; fd < 3; fd++)
		if (pipes[fd][0] >= 0) close(pipes[fd][0]);
	shim->pid = (pid_t)pid;
	shim->pidfd = pidfd;
	CHECK(process_start_time(shim->pid, &shim->start_time));
	return pid;
}

long op_write_id_map(struct context *context, const union value *a) {
	if (context->shim == NULL || context->shim->pid <= 0) return -EINVAL;
	char path[64] = "/proc/";
	size_t length = append_decimal(path, sizeof path, 6, (uint64_t)context->shim->pid);
	length = append(path, sizeof path, length, "/");
	if (append(path, sizeof path, length, a[WRITE_ID_MAP_FILE].string) == sizeof path) return -ENAMETOOLONG;
	autoclose int fd = (int)TRY(open(path, O_WRONLY | O_CLOEXEC));
	struct blob data = a[WRITE_ID_MAP_DATA].bytes;
	TRY(write(fd, data.data, data.size));
	return 0;
}

long op_release_init(struct context *context, const union value *a) {
	struct shim *shim = context->shim;
	if (shim == NULL || shim->pid <= 0) return -EINVAL;
	CHECK(shim_wait(shim, GOAL_POINT));
	if (shim->point != a[RELEASE_INIT_POINT].number) return -EPROTO;
	shim->point = 0;
	TRY(send(shim->sync, "", 1, MSG_NOSIGNAL));
	return 0;
}

/* End of file means that the shim has died: then nobody is left for whom to be a container. */
long op_synchronise(struct context *context, const union value *a) {
	if (context->role != ROLE_INIT) return -EINVAL;
	uint32_t point = a[SYNCHRONISE_POINT].number;
	TRY(send(context->sync, &point, sizeof point, MSG_NOSIGNAL));
	char released;
	return TRY(recv(context->sync, &released, 1, 0)) == 1 ? 0 : -ECANCELED;
}

static void tell_identity(struct shim *shim, uint8_t type) {
	uint8_t bytes[12];
	uint32_t pid = (uint32_t)shim->pid;
	memcpy(bytes, &pid, 4);
	memcpy(bytes + 4, &shim->start_time, 8);
	shim->corked = true;
	report_new(shim);
	clients_tell(shim, type, bytes, sizeof bytes);
	clients_flush(shim);
}

long op_await_start(struct context *context, const union value *a) {
	(void)a;
	struct shim *shim = context->shim;
	if (shim == NULL || shim->pid <= 0) return -EINVAL;
	CHECK(shim_wait(shim, GOAL_POINT));
	tell_identity(shim, MESSAGE_WAITING);
	return shim_wait(shim, GOAL_START);
}

long op_await_exec(struct context *context, const union value *a) {
	(void)a;
	struct shim *shim = context->shim;
	if (shim == NULL || shim->pid <= 0) return -EINVAL;
	CHECK(shim_wait(shim, GOAL_EXEC));
	struct init_progress *progress = context->progress;
	struct step_report *last = &progress->reports[progress->begun - 1];
	/* The value 1 means that a filter forbade reading the clock. */
	last->nanoseconds = progress->executing_at > 1 ? shim->executed_at - progress->executing_at : 0;
	last->result = 0;
	last->op = OP_EXECUTE;
	tell_identity(shim, MESSAGE_STARTED);
	return 0;
}

long op_await_exit(struct context *context, const union value *a) {
	(void)a;
	struct shim *shim = context->shim;
	if (shim == NULL || shim->pid <= 0) return -EINVAL;
	shim_wait(shim, GOAL_EXIT);
	shim->exit_record_size = format_exit(shim, shim->exit_record, sizeof shim->exit_record);
	return 0;
}

long op_dns_listen(struct context *context, const union value *a) {
	struct shim *shim = context->shim;
	if (shim == NULL) return -EINVAL;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)a[DNS_LISTEN_PORT].number)};
	if (inet_pton(AF_INET, a[DNS_LISTEN_ADDRESS].string, &address.sin_addr) != 1) return -EINVAL;
	autoclose int fd = (int)TRY(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	int yes = 1;
	TRY(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
	TRY(bind(fd, (struct sockaddr *)&address, sizeof address));
	shim->dns = take_fd(&fd);
	return 0;
}
