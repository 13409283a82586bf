/*
 * getconf of POSIX.1-2024: `getconf [-v specification] name [path]`, and `getconf -a` as other systems have it.
 * musl brings none; the official busybox image has one beside its applets.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { CONSTANT, SYSTEM, PATH, STRING };

struct variable {
    const char *name;
    enum kind kind;
    /* The value of a constant, the argument of sysconf, pathconf or confstr. */
    long long value;
};

#define CONSTANT_OF(name) {#name, CONSTANT, name}
/* sysconf names _POSIX_X as _SC_X, and X without a prefix as _SC_X too. */
#define SYSTEM_OF(name) {#name, SYSTEM, _SC_##name}
#define POSIX_OF(name) {"_POSIX_" #name, SYSTEM, _SC_##name}
#define POSIX2_OF(name) {"_POSIX2_" #name, SYSTEM, _SC_2_##name}, {"POSIX2_" #name, SYSTEM, _SC_2_##name}
#define PATH_OF(name) {#name, PATH, _PC_##name}
#define POSIX_PATH_OF(name) {"_POSIX_" #name, PATH, _PC_##name}
#define STRING_OF(name) {#name, STRING, _CS_##name}

static const struct variable variables[] = {
    CONSTANT_OF(CHAR_BIT), CONSTANT_OF(CHAR_MAX), CONSTANT_OF(CHAR_MIN), CONSTANT_OF(INT_MAX), CONSTANT_OF(INT_MIN),
    CONSTANT_OF(LONG_BIT), CONSTANT_OF(LONG_MAX), CONSTANT_OF(LONG_MIN), CONSTANT_OF(MB_LEN_MAX),
    CONSTANT_OF(SCHAR_MAX), CONSTANT_OF(SCHAR_MIN), CONSTANT_OF(SHRT_MAX), CONSTANT_OF(SHRT_MIN),
    CONSTANT_OF(SSIZE_MAX), CONSTANT_OF(UCHAR_MAX), CONSTANT_OF(UINT_MAX), CONSTANT_OF(ULONG_MAX),
    CONSTANT_OF(USHRT_MAX), CONSTANT_OF(WORD_BIT),
    CONSTANT_OF(NL_ARGMAX), CONSTANT_OF(NL_LANGMAX), CONSTANT_OF(NL_MSGMAX), CONSTANT_OF(NL_SETMAX),
    CONSTANT_OF(NL_TEXTMAX), CONSTANT_OF(NZERO),

    SYSTEM_OF(AIO_LISTIO_MAX), SYSTEM_OF(AIO_MAX), SYSTEM_OF(AIO_PRIO_DELTA_MAX), SYSTEM_OF(ARG_MAX),
    SYSTEM_OF(ATEXIT_MAX), SYSTEM_OF(BC_BASE_MAX), SYSTEM_OF(BC_DIM_MAX), SYSTEM_OF(BC_SCALE_MAX),
    SYSTEM_OF(BC_STRING_MAX), SYSTEM_OF(CHILD_MAX), SYSTEM_OF(CLK_TCK), SYSTEM_OF(COLL_WEIGHTS_MAX),
    SYSTEM_OF(DELAYTIMER_MAX), SYSTEM_OF(EXPR_NEST_MAX), SYSTEM_OF(GETGR_R_SIZE_MAX), SYSTEM_OF(GETPW_R_SIZE_MAX),
    SYSTEM_OF(HOST_NAME_MAX), SYSTEM_OF(IOV_MAX), SYSTEM_OF(LINE_MAX), SYSTEM_OF(LOGIN_NAME_MAX),
    SYSTEM_OF(MQ_OPEN_MAX), SYSTEM_OF(MQ_PRIO_MAX), SYSTEM_OF(NGROUPS_MAX), SYSTEM_OF(OPEN_MAX), SYSTEM_OF(PAGESIZE),
    SYSTEM_OF(PAGE_SIZE), SYSTEM_OF(RE_DUP_MAX), SYSTEM_OF(RTSIG_MAX), SYSTEM_OF(SEM_NSEMS_MAX),
    SYSTEM_OF(SEM_VALUE_MAX), SYSTEM_OF(SIGQUEUE_MAX), SYSTEM_OF(STREAM_MAX), SYSTEM_OF(SYMLOOP_MAX),
    SYSTEM_OF(TIMER_MAX), SYSTEM_OF(TTY_NAME_MAX), SYSTEM_OF(TZNAME_MAX),
    {"PTHREAD_DESTRUCTOR_ITERATIONS", SYSTEM, _SC_THREAD_DESTRUCTOR_ITERATIONS},
    {"PTHREAD_KEYS_MAX", SYSTEM, _SC_THREAD_KEYS_MAX}, {"PTHREAD_STACK_MIN", SYSTEM, _SC_THREAD_STACK_MIN},
    {"PTHREAD_THREADS_MAX", SYSTEM, _SC_THREAD_THREADS_MAX}, {"_NPROCESSORS_CONF", SYSTEM, _SC_NPROCESSORS_CONF},
    {"_NPROCESSORS_ONLN", SYSTEM, _SC_NPROCESSORS_ONLN}, {"_PHYS_PAGES", SYSTEM, _SC_PHYS_PAGES},
    {"_AVPHYS_PAGES", SYSTEM, _SC_AVPHYS_PAGES}, {"_XOPEN_VERSION", SYSTEM, _SC_XOPEN_VERSION},
    {"_XOPEN_UNIX", SYSTEM, _SC_XOPEN_UNIX}, {"_XOPEN_ENH_I18N", SYSTEM, _SC_XOPEN_ENH_I18N},
    {"_XOPEN_SHM", SYSTEM, _SC_XOPEN_SHM}, {"_XOPEN_CRYPT", SYSTEM, _SC_XOPEN_CRYPT},

    POSIX_OF(ADVISORY_INFO), POSIX_OF(ASYNCHRONOUS_IO), POSIX_OF(BARRIERS), POSIX_OF(CLOCK_SELECTION),
    POSIX_OF(CPUTIME), POSIX_OF(FSYNC), POSIX_OF(IPV6), POSIX_OF(JOB_CONTROL), POSIX_OF(MAPPED_FILES),
    POSIX_OF(MEMLOCK), POSIX_OF(MEMLOCK_RANGE), POSIX_OF(MEMORY_PROTECTION), POSIX_OF(MESSAGE_PASSING),
    POSIX_OF(MONOTONIC_CLOCK), POSIX_OF(PRIORITIZED_IO), POSIX_OF(PRIORITY_SCHEDULING), POSIX_OF(RAW_SOCKETS),
    POSIX_OF(READER_WRITER_LOCKS), POSIX_OF(REALTIME_SIGNALS), POSIX_OF(REGEXP), POSIX_OF(SAVED_IDS),
    POSIX_OF(SEMAPHORES), POSIX_OF(SHARED_MEMORY_OBJECTS), POSIX_OF(SHELL), POSIX_OF(SPAWN), POSIX_OF(SPIN_LOCKS),
    POSIX_OF(SYNCHRONIZED_IO), POSIX_OF(THREADS), POSIX_OF(THREAD_ATTR_STACKADDR), POSIX_OF(THREAD_ATTR_STACKSIZE),
    POSIX_OF(THREAD_CPUTIME), POSIX_OF(THREAD_PRIORITY_SCHEDULING), POSIX_OF(THREAD_PROCESS_SHARED),
    POSIX_OF(THREAD_SAFE_FUNCTIONS), POSIX_OF(TIMEOUTS), POSIX_OF(TIMERS), POSIX_OF(VERSION),
    POSIX2_OF(C_BIND), POSIX2_OF(C_DEV), POSIX2_OF(CHAR_TERM), POSIX2_OF(FORT_DEV), POSIX2_OF(FORT_RUN),
    POSIX2_OF(LOCALEDEF), POSIX2_OF(SW_DEV), POSIX2_OF(UPE), POSIX2_OF(VERSION),

    PATH_OF(FILESIZEBITS), PATH_OF(LINK_MAX), PATH_OF(MAX_CANON), PATH_OF(MAX_INPUT), PATH_OF(NAME_MAX),
    PATH_OF(PATH_MAX), PATH_OF(PIPE_BUF), PATH_OF(SYMLINK_MAX), POSIX_PATH_OF(CHOWN_RESTRICTED),
    POSIX_PATH_OF(NO_TRUNC), POSIX_PATH_OF(VDISABLE), {"POSIX_ALLOC_SIZE_MIN", PATH, _PC_ALLOC_SIZE_MIN},
    {"POSIX_REC_INCR_XFER_SIZE", PATH, _PC_REC_INCR_XFER_SIZE},
    {"POSIX_REC_MAX_XFER_SIZE", PATH, _PC_REC_MAX_XFER_SIZE},
    {"POSIX_REC_MIN_XFER_SIZE", PATH, _PC_REC_MIN_XFER_SIZE}, {"POSIX_REC_XFER_ALIGN", PATH, _PC_REC_XFER_ALIGN},

    STRING_OF(PATH), STRING_OF(GNU_LIBC_VERSION), STRING_OF(GNU_LIBPTHREAD_VERSION),
};

static const size_t count = sizeof variables / sizeof variables[0];

static int print_number(const struct variable *variable, const char *path) {
    errno = 0;
    long long value = variable->value;
    if (variable->kind == SYSTEM) value = sysconf((int)value);
    if (variable->kind == PATH) value = pathconf(path, (int)value);
    if (value == -1 && errno != 0) {
        fprintf(stderr, "getconf: %s: %s\n", variable->kind == PATH ? path : variable->name, strerror(errno));
        return 1;
    }
    if (value == -1 && variable->kind != CONSTANT) puts("undefined");
    else printf("%lld\n", value);
    return 0;
}

static int print_value(const struct variable *variable, const char *path) {
    if (variable->kind != STRING) return print_number(variable, path);
    char text[PATH_MAX];
    size_t length = confstr((int)variable->value, text, sizeof text);
    puts(length <= 1 ? "undefined" : text);
    return 0;
}

static int print_all(const char *path) {
    int status = 0;
    for (size_t at = 0; at < count; at++) {
        printf("%-35s", variables[at].name);
        status |= print_value(&variables[at], path);
    }
    return status;
}

static int usage(void) {
    fputs("Usage: getconf [-v specification] name [path]\n       getconf -a [path]\n", stderr);
    return 2;
}

int main(int argc, char **argv) {
    int all = 0;
    for (int option; (option = getopt(argc, argv, "av:")) != -1;) {
        if (option == 'a') all = 1;
        /* One compilation environment is here, the 32-bit one with large files; its name changes nothing. */
        else if (option != 'v') return usage();
    }
    char **operands = argv + optind;
    int given = argc - optind;
    if (all) return given > 1 ? usage() : print_all(given == 1 ? operands[0] : "/");
    if (given < 1 || given > 2) return usage();
    for (size_t at = 0; at < count; at++) {
        const struct variable *variable = &variables[at];
        if (strcmp(variable->name, operands[0]) != 0) continue;
        if ((variable->kind == PATH) != (given == 2)) return usage();
        return print_value(variable, given == 2 ? operands[1] : NULL);
    }
    fprintf(stderr, "getconf: Unrecognized variable '%s'\n", operands[0]);
    return 2;
}
