#define _GNU_SOURCE
#include "serve.h"
#include "device_program.h"
#include "kernel.h"
#include "link.h"
#include "plan_stream.h"
#include "shim.h"
#include "socket.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define DEFAULT_SOCKET "/run/porthole/launcher.sock"
#define PLAN_MAX (4u << 20)
#define SEALED "--sealed"

extern char **environ;

/*
 * A container can get at the program that made it through /proc/PID/exe, even as its own entry point, and with luck
 * write to it (CVE-2019-5736). So this program runs from a sealed copy in memory, which nobody can write to.
 */
static long execute_sealed(char **argv) {
	autoclose int program = (int)TRY(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	struct stat status;
	TRY(fstat(program, &status));
	autoclose int copy = (int)TRY(syscall(SYS_memfd_create, "launcher", K_MFD_CLOEXEC | K_MFD_ALLOW_SEALING));
	for (off_t sent = 0; sent < status.st_size;) CHECK(SYS(sendfile(copy, program, &sent, (size_t)(status.st_size - sent))));
	TRY(fcntl(copy, K_F_ADD_SEALS, K_F_SEAL_ALL));
	TRY(syscall(SYS_execveat, copy, "", argv, environ, K_AT_EMPTY_PATH));
	return 0;
}

static long read_exactly(int fd, uint8_t *data, size_t size) {
	while (size > 0) {
		long count = SYS(read(fd, data, size));
		if (count == -EINTR) continue;
		if (CHECK(count) == 0) return -EPIPE;
		data += count;
		size -= (size_t)count;
	}
	return 0;
}

/* Reads the length of a message's payload from its header. */
static uint32_t payload_size(const uint8_t header[FRAME_HEADER]) {
	return header[1] | (uint32_t)header[2] << 8 | (uint32_t)header[3] << 16 | (uint32_t)header[4] << 24;
}

static long read_message(int connection, struct blob *message) {
	uint8_t header[FRAME_HEADER];
	CHECK(read_exactly(connection, header, sizeof header));
	uint32_t size = payload_size(header);
	if (size > PLAN_MAX) return -EINVAL;
	uint8_t *data = malloc(FRAME_HEADER + (size_t)size);
	if (data == NULL) return -ENOMEM;
	memcpy(data, header, sizeof header);
	*message = (struct blob){data, FRAME_HEADER + size};
	return read_exactly(connection, data + FRAME_HEADER, size);
}

static void run_host_plan(int connection, const struct plan *plan) {
	struct context context;
	context_init(&context, ROLE_SHIM, plan);
	prctl(PR_SET_NAME, "host-plan", 0, 0, 0);
	struct step_report *reports = calloc((size_t)plan->shim.count + plan->init.count + 1, sizeof *reports);
	if (reports == NULL) {
		send_failure(connection, ROLE_SHIM, UINT32_MAX, UINT16_MAX, ENOMEM);
		return;
	}
	context.connection = connection;
	context.reports = reports;
	uint32_t failed = run_steps(&context, &plan->shim, 0, plan->shim.count, reports, &context.begun);
	uint32_t finished = failed == NOT_FAILED ? plan->shim.count : failed + 1;
	bool told = output_end(&context) == 0;
	if (failed != NOT_FAILED) run_all(&context, &plan->init, 0, plan->init.count, reports + plan->shim.count);
	uint32_t sent = context.reported;
	if (!told) return;
	bool wanted = failed != NOT_FAILED || plan->kind != PLAN_QUIET_HOST;
	if (wanted && send_reports(connection, ROLE_SHIM, reports, sent, finished - sent) < 0) return;
	if (failed == NOT_FAILED) {
		static const uint8_t done[FRAME_HEADER] = {MESSAGE_DONE};
		(void)!write(connection, done, sizeof done);
	} else {
		send_failure(connection, ROLE_SHIM, failed, plan->shim.steps[failed].op, (uint32_t)-reports[failed].result);
	}
}

static long unwrap(struct blob message, struct blob *plan) {
	if (message.size < FRAME_HEADER || message.data[0] != MESSAGE_PLAN) return -EINVAL;
	if (payload_size(message.data) != message.size - FRAME_HEADER) return -EINVAL;
	*plan = (struct blob){message.data + FRAME_HEADER, message.size - FRAME_HEADER};
	return 0;
}

static long parse_message(struct blob message, struct plan *plan) {
	struct blob bytes;
	CHECK(unwrap(message, &bytes));
	return plan_parse(plan, bytes);
}

static int prepare_plan(struct blob message) {
	struct blob bytes;
	struct step step;
	if (unwrap(message, &bytes) < 0 || !plan_find(bytes, OP_BPF_CGROUP_DEVICE, &step)) return -1;
	return device_program_keep(step.arguments[BPF_CGROUP_DEVICE_PROGRAM].bytes);
}

static void serve_plan(int connection, struct blob message) {
	struct plan plan;
	signal(SIGCHLD, SIG_DFL);
	long result = parse_message(message, &plan);
	if (result < 0) {
		send_failure(connection, ROLE_SHIM, UINT32_MAX, UINT16_MAX, (uint32_t)-result);
		exit(1);
	}
	if (plan.kind == PLAN_LAUNCH) shim_main(connection, &plan);
	run_host_plan(connection, &plan);
}

static _Noreturn void serve_connection(int connection) {
	struct blob message = {NULL, 0};
	signal(SIGPIPE, SIG_IGN);
	long result = read_message(connection, &message);
	if (result == 0 && message.data[0] == MESSAGE_LINK) link_main(connection, (struct link_service){prepare_plan, serve_plan});
	if (result < 0) send_failure(connection, ROLE_SHIM, UINT32_MAX, UINT16_MAX, (uint32_t)-result);
	else serve_plan(connection, message);
	exit(result < 0);
}

static void serve_next(int listener) {
	int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (connection < 0) return;
	pid_t child = fork();
	if (child == 0) {
		close(listener);
		serve_connection(connection);
	}
	if (child < 0) send_failure(connection, ROLE_SHIM, UINT32_MAX, UINT16_MAX, (uint32_t)errno);
	close(connection);
}

static int complain(const char *what, long error) {
	char number[21];
	size_t length = format_decimal(number, (uint64_t)-error);
	write_all(2, what, strlen(what));
	write_all(2, number, length);
	write_all(2, "\n", 1);
	return 1;
}

int serve_main(int argc, char **argv) {
	const char *path = DEFAULT_SOCKET;
	bool sealed = false;
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], SEALED) == 0) sealed = true;
		if (strcmp(argv[i], "--socket") == 0 && i + 1 < argc) path = argv[++i];
	}
	if (!sealed) {
		char *again[] = {argv[0], argv[1], (char *)"--socket", (char *)path, (char *)SEALED, NULL};
		return complain("launcher: cannot run from a sealed copy: errno ", execute_sealed(again));
	}
	for (int signal_number = 1; signal_number < 32; signal_number++) signal(signal_number, SIG_DFL);
	/* Children are shims, which report their ends themselves. */
	signal(SIGCHLD, SIG_IGN);
	umask(022);
	long listener = listen_unix(path);
	if (listener < 0) return complain("launcher: cannot listen: errno ", listener);
	for (;;) {
		struct pollfd ready = {.fd = (int)listener, .events = POLLIN};
		if (poll(&ready, 1, -1) > 0) serve_next((int)listener);
	}
}
