#define _GNU_SOURCE
#include "init.h"
#include "common.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define LAUNCHER "/usr/lib/porthole/launcher"
#define ENGINE_FLAGS "/usr/lib/porthole/engine.args"
#define ENGINE_CGROUP "/sys/fs/cgroup/engine"
#define ENGINE_PROGRAM "/usr/lib/porthole/engine.cjs"
#define ENGINE_SNAPSHOT "/usr/lib/porthole/engine.blob"

static char *const serve_argv[] = {"launcher", "serve", NULL};
static char *const repair_argv[] = {"launcher", "repair", NULL};
static char *const shell_argv[] = {"busybox", "sh", "-l", NULL};
/*
 * V8's baseline compiler makes a fifth fewer instructions of the engine's than its interpreter, for 4 MB of code; the
 * optimising one would change code that v86 has just translated. Flags from the file come instead of these.
 */
static char *engine_argv[32] = {"node", "--no-opt", "--always-sparkplug", "--single-threaded", ENGINE_PROGRAM, NULL};
/*
 * A restart takes V8's start-up snapshot (scripts/build-engine-snapshot.ts), in which every function is compiled: half the
 * instructions and a quarter of the time, because v86 need not translate a compiler. What is called often is compiled to
 * machine code then; to begin with that would take longer than it saves. The first start takes no snapshot, which would stay
 * in the memory that a page fetches. V8 takes a snapshot with the flags it was made with only.
 */
static char *engine_again_argv[] = {"node", "--no-opt", "--single-threaded", "--no-lazy", "--snapshot-blob", ENGINE_SNAPSHOT, NULL};

/* The engine must be the last to go when memory runs out: containers go before the engine, which can explain it. */
static struct service services[] = {
    {.name = LAUNCHER, .argv = serve_argv},
    {.name = LAUNCHER, .argv = repair_argv},
    {.name = "/usr/bin/node",
     .kind = SERVICE_ENGINE,
     .argv = engine_argv,
     .cgroup = ENGINE_CGROUP,
     .log = "/var/log/porthole/engine.log",
     .oom_score = "-900"},
    {.name = "/usr/bin/busybox", .kind = SERVICE_SHELL, .argv = shell_argv},
};

static unsigned long long milliseconds(void) {
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

void say(const char *const *parts) {
	char line[512];
	size_t length = 0;
	for (; *parts != NULL; parts++) length = append(line, sizeof line, length, *parts);
	length = append(line, sizeof line, length, "\n");
	if (length < sizeof line) write_all(2, line, length);
}

/* Reads engine.args, node's flags, one or more on each line. */
static void read_engine_flags(void) {
	static char flags[1024];
	if (read_file(ENGINE_FLAGS, flags, sizeof flags) < 0) return;
	unsigned count = 1;
	char *rest = flags, *flag;
	while ((flag = strsep(&rest, " \t\n")) != NULL)
		if (*flag != '\0' && count < ARRAY_SIZE(engine_argv) - 2) engine_argv[count++] = flag;
	engine_argv[count++] = ENGINE_PROGRAM;
	engine_argv[count] = NULL;
}

/* Flags from the file are not the snapshot's. */
static void use_engine_snapshot(void) {
	if (access(ENGINE_FLAGS, F_OK) == 0 || access(ENGINE_SNAPSHOT, R_OK) < 0) return;
	for (unsigned i = 0; i < ARRAY_SIZE(services); i++)
		if (services[i].kind == SERVICE_ENGINE) services[i].other_argv = engine_again_argv;
}

static void start_due(void) {
	for (unsigned i = 0; i < ARRAY_SIZE(services); i++)
		if (services[i].pid == 0 && milliseconds() >= services[i].start_at) service_start(&services[i]);
}

/* Reaps every child that ended: services are started again, orphans of containers and shims are not. */
static void reap_all(void) {
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		for (unsigned i = 0; i < ARRAY_SIZE(services); i++)
			if (services[i].pid == pid) service_ended(&services[i], status);
}

/* The time until the next restart of a service; without one, until a child ends. */
static struct timespec until_next_start(void) {
	unsigned long long now = milliseconds(), wait = 3600000;
	for (unsigned i = 0; i < ARRAY_SIZE(services); i++) {
		if (services[i].pid != 0) continue;
		unsigned long long due = services[i].start_at > now ? services[i].start_at - now : 0;
		if (due < wait) wait = due;
	}
	return (struct timespec){.tv_sec = (time_t)(wait / 1000), .tv_nsec = (long)(wait % 1000) * 1000000};
}

/* The signals busybox's poweroff, halt and reboot send to init. */
static void stop_machine(int signal_number) {
	sync();
	reboot(signal_number == SIGTERM ? RB_AUTOBOOT : signal_number == SIGUSR1 ? RB_HALT_SYSTEM : RB_POWER_OFF);
}

int init_main(void) {
	if (getpid() != 1) {
		SAY("launcher init runs as process 1 only");
		return 1;
	}
	sigset_t wanted;
	sigemptyset(&wanted);
	for (unsigned i = 0; i < 4; i++) sigaddset(&wanted, (const int[]){SIGCHLD, SIGTERM, SIGUSR1, SIGUSR2}[i]);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	umask(022);
	init_setup();
	read_engine_flags();
	use_engine_snapshot();
	for (;;) {
		start_due();
		struct timespec timeout = until_next_start();
		int signal_number = sigtimedwait(&wanted, NULL, &timeout);
		if (signal_number > 0 && signal_number != SIGCHLD) stop_machine(signal_number);
		reap_all();
	}
}
