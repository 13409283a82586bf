#define _GNU_SOURCE
#include "common.h"
#include "init.h"

#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define CGROUP "/sys/fs/cgroup"
#define DEFAULT_HOSTNAME "porthole"

static const struct {
	const char *path;
	mode_t mode;
} directories[] = {
    {"/run/porthole", 0755},	   {"/run/porthole/shim", 0700}, {"/run/porthole/netns", 0700},
    {"/run/porthole/root", 0755},  {"/run/lock", 01777},	 {"/var/log", 0755},
    {"/var/log/porthole", 0755},   {"/root", 0700},		 {CGROUP "/init", 0755},
    {CGROUP "/engine", 0755},	   {CGROUP "/docker", 0755},
};

static long write_file(const char *path, const char *text) {
	autoclose int fd = (int)TRY(open(path, O_WRONLY | O_CLOEXEC));
	return write_all(fd, text, strlen(text));
}

static void make_directories_of_guest(void) {
	for (unsigned i = 0; i < ARRAY_SIZE(directories); i++)
		if (mkdir(directories[i].path, directories[i].mode) < 0 && errno != EEXIST) SAY("cannot make ", directories[i].path);
}

/* Enables the controllers one by one, so that a kernel that lacks one still enables the others. */
static void delegate_controllers(const char *cgroup) {
	char available[256], control[128], word[64];
	append(control, sizeof control, append(control, sizeof control, 0, cgroup), "/cgroup.controllers");
	if (read_file(control, available, sizeof available) < 0) {
		SAY("no cgroup v2 on ", cgroup, ": containers will have no limits");
		return;
	}
	append(control, sizeof control, append(control, sizeof control, 0, cgroup), "/cgroup.subtree_control");
	char *rest = available, *name;
	while ((name = strsep(&rest, " \n")) != NULL) {
		if (*name == '\0') continue;
		append(word, sizeof word, append(word, sizeof word, 0, "+"), name);
		if (write_file(control, word) < 0) SAY("cannot delegate the cgroup controller ", name);
	}
}

/*
 * Gives the cgroup more CPU weight, so that a container that takes all the CPU it can get does not slow the engine, the
 * shims and the terminals down.
 */
static void favour(const char *cgroup) {
	char weight[64];
	append(weight, sizeof weight, append(weight, sizeof weight, 0, cgroup), "/cpu.weight");
	if (write_file(weight, "1000") < 0) SAY("cannot favour ", cgroup);
}

/* A cgroup that has controllers for its children may hold no processes, so init's own processes need a cgroup too. */
static void set_up_cgroups(void) {
	if (write_file(CGROUP "/init/cgroup.procs", "1") < 0) SAY("cannot enter " CGROUP "/init");
	delegate_controllers(CGROUP);
	delegate_controllers(CGROUP "/docker");
	favour(CGROUP "/init");
	favour(CGROUP "/engine");
}

static void raise_loopback(void) {
	struct ifreq request = {.ifr_name = "lo"};
	autoclose int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0) SAY("cannot bring the loopback interface up");
}

static void name_host(void) {
	char name[65] = DEFAULT_HOSTNAME;
	if (read_file("/etc/hostname", name, sizeof name) <= 0) strcpy(name, DEFAULT_HOSTNAME);
	name[strcspn(name, "\n")] = '\0';
	if (sethostname(name, strlen(name)) < 0) SAY("cannot set the host name");
}

void init_setup(void) {
	make_directories_of_guest();
	set_up_cgroups();
	raise_loopback();
	name_host();
}
