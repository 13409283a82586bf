#pragma once

#include <stdbool.h>

/* `launcher init`, PID 1 of the guest: prepares it, supervises its services, reaps orphans. Returns only on failure. */
int init_main(void);

/*
 * init_setup.c: sets up cgroups, directories, devices and loopback. Faults are reported on the console and do not stop
 * the boot.
 */
void init_setup(void);

/* init_service.c */
enum service_kind { SERVICE_PLAIN, SERVICE_ENGINE, SERVICE_SHELL };

struct service {
	const char *name;
	enum service_kind kind;
	/* NULL-terminated. */
	char *const *argv;
	/* A restart takes these, or argv again when a process that they started has ended by itself. NULL: always argv. */
	char *const *other_argv;
	bool other;
	/* Directory of the cgroup; NULL: init's own. */
	const char *cgroup;
	/* stdout and stderr; NULL: the console. */
	const char *log;
	const char *oom_score;
	int pid;
	/* CLOCK_MONOTONIC milliseconds. */
	unsigned long long started, start_at;
	unsigned delay;
};

void service_start(struct service *service);
/* Says how it ended and plans the restart. */
void service_ended(struct service *service, int status);

/* Prints a console message: the parts one after another, then a newline. */
void say(const char *const *parts);
#define SAY(...) say((const char *const[]){"porthole: ", __VA_ARGS__, NULL})
