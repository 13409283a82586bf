#define _GNU_SOURCE
#include "common.h"
#include "init.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>

#define CONSOLE "/dev/hvc0"
#define LOG_MAX (1 << 20)
/*
 * Milliseconds before a restart: few at first, more each time when the service keeps dying, few again after it has
 * lived for a while.
 */
#define DELAY_FIRST_MS 100
#define DELAY_MAX_MS 5000
#define LIVED_MS 10000
/* Bytes of the engine's log that are shown on the console when it dies. */
#define LOG_TAIL 2048

static void write_file(const char *path, const char *text) {
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write_all(fd, text, strlen(text)) < 0) SAY("cannot write ", path);
}

static void enter_cgroup(const char *cgroup) {
	char path[128];
	size_t length = append(path, sizeof path, 0, cgroup);
	append(path, sizeof path, length, "/cgroup.procs");
	write_file(path, "0");
}

/* Opens the log; one older log is kept. */
static void open_log(const char *path) {
	struct stat status;
	char older[128];
	if (stat(path, &status) == 0 && status.st_size > LOG_MAX) {
		append(older, sizeof older, append(older, sizeof older, 0, path), ".1");
		rename(path, older);
	}
	autoclose int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0) {
		SAY("cannot open ", path);
		return;
	}
	dup2(fd, 1);
	dup2(fd, 2);
}

/* Starts a session of its own with the console as its terminal, so that ^C works in it. */
static void open_console(void) {
	setsid();
	autoclose int fd = open(CONSOLE, O_RDWR);
	if (fd < 0) return;
	ioctl(fd, TIOCSCTTY, 1);
	for (int standard = 0; standard < 3; standard++) dup2(fd, standard);
}

static void open_input(void) {
	autoclose int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null >= 0) dup2(null, 0);
}

static _Noreturn void run(const struct service *service) {
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (service->cgroup != NULL) enter_cgroup(service->cgroup);
	if (service->oom_score != NULL) write_file("/proc/self/oom_score_adj", service->oom_score);
	if (service->kind == SERVICE_SHELL) {
		open_console();
	} else {
		setsid();
		open_input();
	}
	if (service->log != NULL) open_log(service->log);
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	static char home[] = "HOME=/root", term[] = "TERM=xterm-256color", lang[] = "LANG=C.UTF-8";
	char *const environment[] = {path, home, term, lang, NULL};
	if (chdir(service->kind == SERVICE_SHELL ? "/root" : "/") < 0) SAY("cannot enter the home directory");
	execve(service->name, service->other ? service->other_argv : service->argv, environment);
	SAY("cannot start ", service->name);
	_exit(127);
}

void service_start(struct service *service) {
	pid_t child = fork();
	if (child == 0) run(service);
	unsigned long long now = clock_ns(CLOCK_MONOTONIC) / 1000000;
	service->started = now;
	service->pid = child > 0 ? child : 0;
	if (child < 0) service->start_at = now + DELAY_MAX_MS;
}

static void show_log_tail(const char *path) {
	char tail[LOG_TAIL];
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return;
	off_t size = lseek(fd, 0, SEEK_END);
	ssize_t count = pread(fd, tail, sizeof tail, size > LOG_TAIL ? size - LOG_TAIL : 0);
	if (count > 0) write_all(2, tail, (size_t)count);
}

static bool was_killed(int status) {
	return WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM);
}

void service_ended(struct service *service, int status) {
	unsigned long long now = clock_ns(CLOCK_MONOTONIC) / 1000000;
	service->pid = 0;
	service->other = service->other_argv != NULL && (!service->other || was_killed(status));
	if (now - service->started >= LIVED_MS) service->delay = 0;
	service->start_at = now + service->delay;
	service->delay = service->delay == 0 ? DELAY_FIRST_MS : service->delay * 2;
	if (service->delay > DELAY_MAX_MS) service->delay = DELAY_MAX_MS;
	if (service->kind == SERVICE_SHELL) return;
	char number[21];
	format_decimal(number, (uint64_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
	SAY(service->name, " ", service->argv[1], WIFSIGNALED(status) ? " was killed by signal " : " ended with status ", number);
	if (service->log != NULL && !WIFSIGNALED(status)) show_log_tail(service->log);
}
