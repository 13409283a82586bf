#define _GNU_SOURCE
#include "common.h"
#include "reaper.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_FOUND 127
#define NOT_EXECUTABLE 126

static void complain(const char *text, const char *name) {
	static const char prefix[] = "docker-init: ";
	write_all(2, prefix, sizeof prefix - 1);
	write_all(2, text, strlen(text));
	write_all(2, name, strlen(name));
	write_all(2, "\n", 1);
}

static _Noreturn void run_command(char **command, const sigset_t *mask) {
	/*
	 * The command gets a process group of its own in the foreground, so that the terminal's signals go to it and not to
	 * us.
	 */
	setpgid(0, 0);
	sigset_t stop;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTTOU);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	tcsetpgrp(0, getpid());
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(command[0], command);
	int reason = errno;
	complain("cannot execute ", command[0]);
	_exit(reason == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

/* Takes every process that has ended; returns the command's exit status once it is among them, -1 before. */
static int reap(pid_t command) {
	int status, code = -1;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		if (pid == command) code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
	return code;
}

int reaper_main(int argc, char **argv) {
	char **command = argv + 1;
	if (argc > 1 && strcmp(*command, "--") == 0) command++;
	if (*command == NULL) {
		complain("no command was given", "");
		return 64;
	}
	sigset_t all, mask;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	pid_t child = fork();
	if (child < 0) {
		complain("cannot fork", "");
		return NOT_EXECUTABLE;
	}
	if (child == 0) run_command(command, &mask);
	for (;;) {
		int signal;
		if (sigwait(&all, &signal) != 0) continue;
		if (signal != SIGCHLD) {
			kill(child, signal);
			continue;
		}
		int code = reap(child);
		if (code >= 0) return code;
	}
}
