/*
 * The only program of the initramfs: puts the guest's root together and hands over to its init.
 *
 * The page serves one 9P tree (tag host9p) with system/porthole, system/debian, layers, blobs and uploads, of which only
 * uploads may be written. The root is an overlay of the two system trees with a tmpfs on top; everything that must not lie
 * on an overlay (/run, /tmp, /var/lib/docker, whose directories become upper directories of containers) is a tmpfs of its
 * own. ARCHITECTURE.md, "Phase: boot".
 *
 * The kernel command line may name another init for tests: porthole.init=/path.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define NINE_OPTIONS "trans=virtio,version=9p2000.L,cache=loose,access=any,msize=524288"
#define OVERLAY_OPTIONS                                                                                                \
    "lowerdir=/9p/system/porthole:/9p/system/debian,upperdir=/rw/upper,workdir=/rw/work"
#define LAUNCHER "/usr/lib/porthole/launcher"

struct mount_step {
    const char *source;
    const char *target;
    const char *type;
    unsigned long flags;
    const char *data;
    mode_t mode; /* of the mount point, made if it is not there */
};

/* Mounts that the initramfs itself needs: the tree from the page, and a place for what the guest writes. */
static const struct mount_step before[] = {
    {"proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, 0755},
    {"host9p", "/9p", "9p", 0, NINE_OPTIONS, 0755},
    {"tmpfs", "/rw", "tmpfs", 0, "mode=0755", 0755},
};

/* Mounts below /root, in this order. */
static const struct mount_step after[] = {
    {"overlay", "/root", "overlay", 0, OVERLAY_OPTIONS, 0755},
    {"/dev", "/root/dev", NULL, MS_MOVE, NULL, 0755},
    {"devpts", "/root/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=0620,ptmxmode=0666", 0755},
    {"shm", "/root/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777", 01777},
    {"mqueue", "/root/dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, 01777},
    {"/proc", "/root/proc", NULL, MS_MOVE, NULL, 0555},
    {"sysfs", "/root/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, 0555},
    {"cgroup2", "/root/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, "nsdelegate", 0755},
    {"run", "/root/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755", 0755},
    {"/9p", "/root/run/porthole/9p", NULL, MS_MOVE, NULL, 0755},
    {"/root/run/porthole/9p/uploads", "/root/run/porthole/uploads", NULL, MS_BIND, NULL, 0755},
    {NULL, "/root/run/porthole/9p", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL, 0755},
    {"/root/run/porthole/9p/layers", "/root/run/porthole/layers", NULL, MS_BIND, NULL, 0755},
    {"tmp", "/root/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777", 01777},
    {"docker", "/root/var/lib/docker", "tmpfs", 0, "mode=0710", 0710},
};

static const char *const device_links[][2] = {
    {"/proc/self/fd", "/dev/fd"},
    {"/proc/self/fd/0", "/dev/stdin"},
    {"/proc/self/fd/1", "/dev/stdout"},
    {"/proc/self/fd/2", "/dev/stderr"},
};

/* Reports what failed, and runs a shell on the console if the tree got far enough to have one. */
static _Noreturn void fail(const char *what, const char *object) {
    fprintf(stderr, "porthole: %s %s: %s\n", what, object, strerror(errno));
    static const char *const roots[] = {"/root", "/9p/system/debian", "/root/run/porthole/9p/system/debian"};
    for (unsigned i = 0; i < sizeof roots / sizeof *roots; i++) {
        char shell[128];
        snprintf(shell, sizeof shell, "%s/usr/bin/busybox", roots[i]);
        if (access(shell, X_OK) == 0 && chroot(roots[i]) == 0 && chdir("/") == 0) {
            fprintf(stderr, "porthole: a rescue shell follows\n");
            execl("/usr/bin/busybox", "sh", "-i", (char *)NULL);
        }
    }
    fprintf(stderr, "porthole: no shell could be started; the guest stops here\n");
    for (;;) pause();
}

/* Makes a directory and its parents; parents get mode 0755. */
static void make_directory(const char *path, mode_t mode) {
    char part[256];
    size_t length = strlen(path);
    if (length >= sizeof part) {
        errno = ENAMETOOLONG;
        fail("cannot make directory", path);
    }
    for (size_t i = 1; i < length; i++) {
        if (path[i] != '/') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0755) < 0 && errno != EEXIST) fail("cannot make directory", part);
    }
    if (mkdir(path, mode) < 0 && errno != EEXIST) fail("cannot make directory", path);
}

static void mount_all(const struct mount_step *steps, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        const struct mount_step *step = &steps[i];
        make_directory(step->target, step->mode);
        if (mount(step->source, step->target, step->type, step->flags, step->data) < 0) fail("cannot mount", step->target);
    }
}

/* Makes and opens /dev/console: the kernel found none to open, because the initramfs holds one file. */
static void open_console(void) {
    if (mkdir("/dev", 0755) < 0 && errno != EEXIST) _exit(1);
    if (mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755") < 0) _exit(1);
    int console = open("/dev/console", O_RDWR);
    if (console < 0) _exit(1);
    for (int fd = 0; fd < 3; fd++)
        if (fd != console && dup2(console, fd) < 0) _exit(1);
    if (console > 2) close(console);
    for (unsigned i = 0; i < sizeof device_links / sizeof *device_links; i++)
        if (symlink(device_links[i][0], device_links[i][1]) < 0) fail("cannot link", device_links[i][1]);
}

/* The value of porthole.init= in the command line, or NULL. */
static const char *chosen_init(void) {
    static char line[4096];
    static const char key[] = "porthole.init=";
    int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("cannot open", "/proc/cmdline");
    ssize_t length = read(fd, line, sizeof line - 1);
    if (length < 0) fail("cannot read", "/proc/cmdline");
    close(fd);
    line[length] = '\0';
    for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n"))
        if (strncmp(word, key, sizeof key - 1) == 0) return word + sizeof key - 1;
    return NULL;
}

/* Frees the initramfs (this program's file) and makes /root the root. */
static void switch_root(void) {
    if (unlink("/init") < 0) fail("cannot remove", "/init");
    if (chdir("/root") < 0) fail("cannot enter", "/root");
    if (mount(".", "/", NULL, MS_MOVE, NULL) < 0) fail("cannot move", "/root");
    if (chroot(".") < 0 || chdir("/") < 0) fail("cannot enter", "the new root");
}

int main(void) {
    umask(0);
    open_console();
    mount_all(before, sizeof before / sizeof *before);
    make_directory("/rw/upper", 0755);
    make_directory("/rw/work", 0755);
    const char *other = chosen_init();
    mount_all(after, sizeof after / sizeof *after);
    switch_root();
    umask(022);
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
    if (other)
        execl(other, other, (char *)NULL);
    else
        execl(LAUNCHER, "launcher", "init", (char *)NULL);
    const char *path = other ? other : LAUNCHER;
    fprintf(stderr, "porthole: cannot start %s: %s\n", path, strerror(errno));
    execl("/usr/bin/busybox", "sh", "-i", (char *)NULL);
    fprintf(stderr, "porthole: no shell could be started; the guest stops here\n");
    for (;;) pause();
}
