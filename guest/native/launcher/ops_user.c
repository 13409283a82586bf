/*
 * The names of `docker run --user` and `--group-add` mean what /etc/passwd and /etc/group of the container say (passwd(5),
 * group(5)). A number needs no entry. Which of the two views of these files counts, with mounts or without, the plan says.
 */
#include "run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Bytes of a table that are read at most, so that no file can exhaust memory. */
#define TABLE_MAX (1u << 20)

/* Reads a table whole; a missing file is an empty table. The caller frees it. */
static long read_table(struct context *context, uint32_t at, const char *path, char **text) {
	*text = NULL;
	autoclose int fd = (int)open_at(context, at, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, 0);
	if (fd < 0 && fd != -ENOENT && fd != -ENOTDIR) return fd;
	struct stat status = {0};
	if (fd >= 0) TRY(fstat(fd, &status));
	size_t size = S_ISREG(status.st_mode) && status.st_size < TABLE_MAX ? (size_t)status.st_size : 0;
	*text = calloc(1, size + 1);
	if (*text == NULL) return -ENOMEM;
	for (size_t length = 0; length < size;) {
		ssize_t count = read(fd, *text + length, size - length);
		if (count <= 0) break;
		length += (size_t)count;
	}
	return 0;
}

/*
 * Cuts the next line of `*rest` into `wanted` fields at colons; returns NULL at the end. Shorter lines have empty
 * fields.
 */
static char **next_entry(char **rest, char **fields, int wanted) {
	char *line = strsep(rest, "\n");
	if (line == NULL) return NULL;
	static char none[] = "";
	for (int i = 0; i < wanted; i++) {
		fields[i] = strsep(&line, ":");
		if (fields[i] == NULL) fields[i] = none;
	}
	return fields;
}

static bool parse_id(const char *text, uint32_t *id) {
	uint64_t value = 0;
	if (*text == '\0') return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9') return false;
		value = value * 10 + (uint64_t)(*text - '0');
		if (value >= UINT32_MAX) return false;
	}
	*id = (uint32_t)value;
	return true;
}

/* Sets uid and gid; `name` is the entry's when there is one (it stays allocated), else NULL. A number is never a name. */
static long find_user(struct context *context, uint32_t at, const char *user, const char **name) {
	char *text, *fields[4];
	CHECK(read_table(context, at, "/etc/passwd", &text));
	uint32_t id = 0, entry_uid, entry_gid;
	bool numeric = parse_id(user, &id);
	*name = NULL;
	for (char *rest = text; next_entry(&rest, fields, 4) != NULL;) {
		if (!parse_id(fields[2], &entry_uid) || !parse_id(fields[3], &entry_gid)) continue;
		if (numeric ? entry_uid != id : strcmp(fields[0], user) != 0) continue;
		context->uid = entry_uid;
		context->gid = entry_gid;
		*name = fields[0];
		return 0;
	}
	if (!numeric) return -ENOENT;
	context->uid = id;
	context->gid = 0;
	return 0;
}

static long find_group(struct context *context, uint32_t at, const char *group, uint32_t *gid) {
	if (parse_id(group, gid)) return 0;
	char *text, *fields[3];
	CHECK(read_table(context, at, "/etc/group", &text));
	long result = -ESRCH;
	for (char *rest = text; result != 0 && next_entry(&rest, fields, 3) != NULL;)
		if (strcmp(fields[0], group) == 0 && parse_id(fields[2], gid)) result = 0;
	free(text);
	return result;
}

static long add_group(struct context *context, uint32_t gid) {
	for (uint32_t i = 0; i < context->group_count; i++)
		if (context->groups[i] == gid) return 0;
	if (context->group_count == MAX_GROUPS) return -E2BIG;
	context->groups[context->group_count++] = gid;
	return 0;
}

/* Adds the groups that list the user as a member. */
static long add_memberships(struct context *context, uint32_t at, const char *name) {
	char *text, *fields[4];
	CHECK(read_table(context, at, "/etc/group", &text));
	uint32_t gid;
	for (char *rest = text; next_entry(&rest, fields, 4) != NULL;) {
		if (!parse_id(fields[2], &gid)) continue;
		for (char *members = fields[3], *member; (member = strsep(&members, ",")) != NULL;)
			if (strcmp(member, name) == 0) CHECK(add_group(context, gid));
	}
	free(text);
	return 0;
}

/* user[:group]; an empty user is root. With a group, the memberships do not count. */
long op_resolve_user(struct context *context, const union value *a) {
	uint32_t at = a[RESOLVE_USER_AT].number;
	char *user = strdup(a[RESOLVE_USER_USER].string);
	if (user == NULL) return -ENOMEM;
	char *group = strchr(user, ':');
	if (group != NULL) *group++ = '\0';
	const char *name;
	context->group_count = 0;
	CHECK(find_user(context, at, *user == '\0' ? "0" : user, &name));
	bool has_group = group != NULL && *group != '\0';
	if (has_group) CHECK(find_group(context, at, group, &context->gid));
	if (a[RESOLVE_USER_OWN_GROUP].number == 1) CHECK(add_group(context, context->gid));
	return has_group || name == NULL ? 0 : add_memberships(context, at, name);
}

long op_add_group(struct context *context, const union value *a) {
	uint32_t gid;
	CHECK(find_group(context, a[ADD_GROUP_AT].number, a[ADD_GROUP_GROUP].string, &gid));
	return add_group(context, gid);
}

/* The entry's home stays allocated: execute reads it. */
long op_find_home(struct context *context, const union value *a) {
	char *text, *fields[6];
	CHECK(read_table(context, a[FIND_HOME_AT].number, "/etc/passwd", &text));
	context->home = "/";
	uint32_t uid;
	for (char *rest = text; next_entry(&rest, fields, 6) != NULL;) {
		if (!parse_id(fields[2], &uid) || uid != context->uid) continue;
		context->home = fields[5];
		return 0;
	}
	return 0;
}
