#include "shim.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

uint64_t read_oom_kills(const char *path) {
	char events[512];
	uint64_t count = 0;
	if (*path == '\0' || read_file(path, events, sizeof events) < 0) return 0;
	const char *line = strstr(events, "\noom_kill ");
	if (line == NULL) return 0;
	for (line += strlen("\noom_kill "); *line >= '0' && *line <= '9'; line++) count = count * 10 + (uint64_t)(*line - '0');
	return count;
}

size_t format_exit(const struct shim *shim, char *out, size_t size) {
	bool killed = WIFSIGNALED(shim->status);
	int signal = killed ? WTERMSIG(shim->status) : 0;
	bool oom = read_oom_kills(shim->plan->memory_events_path) > shim->oom_kills;
	size_t length = append(out, size, 0, "{\"exitCode\":");
	length = append_decimal(out, size, length, (uint64_t)(killed ? 128 + signal : WEXITSTATUS(shim->status)));
	length = append(out, size, length, ",\"signal\":");
	length = append_decimal(out, size, length, (uint64_t)signal);
	length = append(out, size, length, oom ? ",\"oomKilled\":true" : ",\"oomKilled\":false");
	length = append(out, size, length, ",\"logErrno\":");
	length = append_decimal(out, size, length, (uint64_t)-shim->log.error);
	length = append(out, size, length, ",\"finishedAt\":\"");
	length = append_decimal(out, size, length, shim->ended_at);
	length = append(out, size, length, "\",\"pid\":");
	length = append_decimal(out, size, length, (uint64_t)shim->pid);
	length = append(out, size, length, ",\"startTime\":");
	length = append_decimal(out, size, length, shim->start_time);
	return append(out, size, length, "}\n");
}

size_t complete_exit(char *json, size_t length, size_t size, bool cleaned_up) {
	size_t open = length - strlen("}\n");
	return append(json, size, open, cleaned_up ? ",\"cleanedUp\":true}\n" : ",\"cleanedUp\":false}\n");
}

/* A reader finds the whole record or none. */
long write_exit_record(const struct shim *shim, const char *json, size_t size) {
	const char *path = shim->plan->exit_path;
	char part[4096];
	if (*path == '\0') return 0;
	size_t length = append(part, sizeof part, 0, path);
	if (append(part, sizeof part, length, ".part") == sizeof part) return -ENAMETOOLONG;
	autoclose int fd = (int)TRY(open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
	CHECK(write_all(fd, json, size));
	return SYS(rename(part, path));
}
