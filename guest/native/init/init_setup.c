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
#include <sys/sysinfo.h>

#define CGROUP "/sys/fs/cgroup"
#define DEFAULT_HOSTNAME "porthole"

static const struct {
	const char *path;
	mode_t mode;
} directories[] = {
    {"/run/porthole", 0755},	   {"/run/porthole/shim", 0700}, {"/run/porthole/netns", 0700},
    {"/run/porthole/root", 0755},  {"/run/lock", 01777},	 {"/var/log", 0755},
    {"/var/log/porthole", 0755},   {"/root", 0700},		 {CGROUP "/init", 0755},
    {CGROUP "/engine", 0755},	   {CGROUP "/shells", 0755},	 {CGROUP "/docker", 0755},
};

/*
 * The system's parts of the machine beside all containers' one. The weight decides when all want the CPU; containers have
 * the kernel's default, 100. Memory is kept for what is read again at once, programs and libraries: there is no swap.
 */
static const struct {
	const char *cgroup;
	/* Per mille of the machine's memory that is reclaimed last. */
	unsigned kept;
} favoured[] = {{CGROUP "/init", 20}, {CGROUP "/engine", 200}, {CGROUP "/shells", 40}};
#define FAVOURED_WEIGHT "1000"

/*
 * What all containers together may have, so that one without limits takes neither the last memory nor the last process
 * from engine and shells. A process takes some 150 KB of the kernel's and its own memory: so many of them fit.
 */
#define CONTAINERS CGROUP "/docker"
#define CONTAINERS_MEMORY 650 /* per mille */
#define MEMORY_OF_A_PROCESS (256 * 1024)

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

static void set_text(const char *cgroup, const char *file, const char *value) {
	char path[128];
	size_t length = append(path, sizeof path, 0, cgroup);
	append(path, sizeof path, append(path, sizeof path, length, "/"), file);
	if (write_file(path, value) < 0) SAY("cannot write ", path);
}

static void set_number(const char *cgroup, const char *file, uint64_t value) {
	char digits[21];
	format_decimal(digits, value);
	set_text(cgroup, file, digits);
}

static uint64_t machine_memory(void) {
	struct sysinfo info;
	return sysinfo(&info) < 0 ? 0 : (uint64_t)info.totalram * info.mem_unit;
}

static void share_out(void) {
	uint64_t memory = machine_memory();
	for (unsigned i = 0; i < ARRAY_SIZE(favoured); i++) {
		set_text(favoured[i].cgroup, "cpu.weight", FAVOURED_WEIGHT);
		set_number(favoured[i].cgroup, "memory.low", memory / 1000 * favoured[i].kept);
	}
	if (memory == 0) return;
	set_number(CONTAINERS, "memory.max", memory / 1000 * CONTAINERS_MEMORY);
	set_number(CONTAINERS, "pids.max", memory / MEMORY_OF_A_PROCESS);
}

/* A cgroup that has controllers for its children may hold no processes, so init's own processes need a cgroup too. */
static void set_up_cgroups(void) {
	if (write_file(CGROUP "/init/cgroup.procs", "1") < 0) SAY("cannot enter " CGROUP "/init");
	delegate_controllers(CGROUP);
	delegate_controllers(CONTAINERS);
	share_out();
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
