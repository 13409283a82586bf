/* Runs other programs: hooks, and the plan's own. */
#define _GNU_SOURCE
#include "kernel.h"
#include "run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* The pid in a hook's state: in init's list its own pid in its namespace, in the shim's list the container's. */
pid_t hook_pid(struct context *context);

static _Noreturn void run_hook(const union value *a, int input) {
	if (dup2(input, 0) >= 0) execve(a[HOOK_PATH].string, a[HOOK_ARGV].strings, a[HOOK_ENV].strings);
	_exit(127);
}

static long write_state(struct context *context, const union value *a, int pipe) {
	char pid[21];
	size_t length = format_decimal(pid, (uint64_t)hook_pid(context));
	struct blob before = a[HOOK_STATE_BEFORE].bytes, after = a[HOOK_STATE_AFTER].bytes;
	long result = write_all(pipe, before.data, before.size);
	if (result == 0) result = write_all(pipe, pid, length);
	if (result == 0) result = write_all(pipe, after.data, after.size);
	/* A hook may end without reading its state. */
	return result == -EPIPE ? 0 : result;
}

long op_hook(struct context *context, const union value *a) {
	int ends[2];
	TRY(pipe2(ends, O_CLOEXEC));
	autoclose int input = ends[0], output = ends[1];
	signal(SIGPIPE, SIG_IGN);
	pid_t child = (pid_t)TRY(fork());
	if (child == 0) run_hook(a, input);
	close(take_fd(&input));
	autoclose int process = (int)SYS(k_pidfd_open(child));
	long result = process < 0 ? process : write_state(context, a, output);
	close(take_fd(&output));
	struct pollfd ended = {.fd = process, .events = POLLIN};
	uint32_t patience = a[HOOK_TIMEOUT_MS].number;
	if (result == 0 && poll(&ended, 1, patience == 0 ? -1 : (int)patience) == 0) result = -ETIMEDOUT;
	if (result != 0) kill(child, SIGKILL);
	int status;
	TRY(waitpid(child, &status, 0));
	if (result != 0) return result;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECANCELED;
}

static const char *variable(char *const *environment, const char *name) {
	size_t length = strlen(name);
	for (; *environment != NULL; environment++)
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=') return *environment + length + 1;
	return NULL;
}

/*
 * Finds a program as Go's exec.LookPath does, from which Docker's messages come: the first regular file with an execute
 * bit.
 */
static long search_path(const char *name, const char *path, char *found, size_t size) {
	long result = -ENOENT;
	while (path != NULL) {
		const char *end = strchr(path, ':');
		size_t length = end == NULL ? strlen(path) : (size_t)(end - path);
		if (length < size) {
			memcpy(found, path, length);
			found[length] = '\0';
			size_t next = append(found, size, length, length == 0 ? "./" : "/");
			struct stat status;
			if (append(found, size, next, name) < size && stat(found, &status) == 0 && !S_ISDIR(status.st_mode)) {
				if (status.st_mode & 0111) return 0;
				result = -EACCES;
			}
		}
		path = end == NULL ? NULL : end + 1;
	}
	return result;
}

/* The environment, with HOME from the user's entry when it has none or an empty one, which goes. */
static char **with_home(char **environment, const char *home) {
	const char *given = variable(environment, "HOME");
	if (*home == '\0' || (given != NULL && *given != '\0')) return environment;
	size_t count = 0;
	for (size_t i = 0; environment[i] != NULL; i++)
		if (strcmp(environment[i], "HOME=") != 0) environment[count++] = environment[i];
	environment[count] = NULL;
	char **extended = calloc(count + 2, sizeof *extended);
	size_t size = sizeof "HOME=" + strlen(home);
	char *entry = malloc(size);
	if (extended == NULL || entry == NULL) return environment;
	memcpy(extended, environment, count * sizeof *extended);
	append(entry, size, append(entry, size, 0, "HOME="), home);
	extended[count] = entry;
	return extended;
}

long op_execute(struct context *context, const union value *a) {
	char **argv = a[EXECUTE_ARGV].strings, **environment = with_home(a[EXECUTE_ENV].strings, context->home);
	if (context->progress == NULL || argv[0] == NULL) return -EINVAL;
	char found[4096];
	const char *file = argv[0];
	if (strchr(file, '/') == NULL) {
		CHECK(search_path(file, variable(environment, "PATH"), found, sizeof found));
		file = found;
	}
	/* execve answers EACCES for a directory too; Go, and with it Docker, tells the two apart. */
	struct stat status;
	if (stat(file, &status) == 0 && S_ISDIR(status.st_mode)) return -EISDIR;
	signal(SIGPIPE, SIG_DFL);
	/*
	 * A change of the user id clears this setting: a container must not outlive the shim, which alone can report on it.
	 */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	context->progress->executing_at = context->filtered ? 1 : clock_ns(CLOCK_MONOTONIC);
	execve(file, argv, environment);
	int error = errno;
	context->progress->executing_at = 0;
	return -error;
}
