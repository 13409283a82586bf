/*
 * The guest's `docker`: a terminal for the CLI that lives in the engine (guest/runtime/cli). It sends its arguments,
 * directory and environment, then only moves bytes, window sizes and signals, until the engine says the exit code.
 * Messages are those of guest/protocol/api/cli-protocol.ts: type, length (4 bytes, little endian), payload.
 *
 * The terminal is put back on every way out. Signals arrive only inside ppoll(), so none is missed and none interrupts a
 * message. Output is written when poll says it can be, so that a full pipe does not keep a signal from being passed on.
 */
#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define SOCKET_PATH "/run/porthole/cli.sock"
#define UNREACHABLE \
	"Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?\n"

enum message {
	HELLO = 1,
	STDIN = 2,
	RESIZE = 3,
	SIGNAL = 4,
	ATTACH_ENDED = 5,
	PIPE_READY = 6,
	PIPE_ENDED = 7,
	STDOUT = 16,
	STDERR = 17,
	RAW_TERMINAL = 18,
	EXIT = 19,
	WANT_STDIN = 20,
	ATTACH = 21,
	PIPE_STDIN = 22,
	PIPE_STDOUT = 23,
};

/* WANT_STDIN's byte for one read only. */
#define READ_ONCE 2

#define HEADER_BYTES 5
/* Bytes that a pipe takes without blocking once poll says it is writable (PIPE_BUF). */
#define WRITE_BYTES 4096
/* Ctrl-C that often leaves even when the engine doesn't answer, as Docker's client does. */
#define FORCED_EXIT_SIGNALS 3

extern char **environ;

static int engine = -1;
static struct termios cooked;
static int is_raw;

static void set_raw(int raw) {
	if (raw == is_raw)
		return;
	if (raw) {
		struct termios changed;
		if (tcgetattr(0, &cooked) < 0)
			return;
		changed = cooked;
		cfmakeraw(&changed);
		if (tcsetattr(0, TCSANOW, &changed) < 0)
			return;
	} else {
		tcsetattr(0, TCSANOW, &cooked);
	}
	is_raw = raw;
}

static void leave(int code) __attribute__((noreturn));
static void leave(int code) {
	set_raw(0);
	pipe_forget();
	_exit(code);
}

/* Prints the last words of a client that cannot go on, to whom a failure to print can no longer be reported. */
static void fail(const char *text) __attribute__((noreturn));
static void fail(const char *text) {
	set_raw(0);
	ssize_t ignored = write(2, text, strlen(text));
	(void)ignored;
	leave(1);
}

static void write_engine(const void *data, size_t length) {
	const char *at = data;
	while (length > 0 && engine >= 0) {
		ssize_t written = send(engine, at, length, MSG_NOSIGNAL);
		if (written < 0) {
			if (errno == EINTR)
				continue;
			/* An engine that has ended the session may have closed already: what it sent must still be read. */
			if (errno == EPIPE || errno == ECONNRESET)
				return;
			fail("docker: cannot write to the engine\n");
		}
		at += written;
		length -= (size_t)written;
	}
}

/* Sends header and payload in one call, so that the engine wakes for the whole message. */
static void send_message(enum message type, const void *payload, uint32_t length) {
	unsigned char header[HEADER_BYTES] = {(unsigned char)type, length & 255, (length >> 8) & 255, (length >> 16) & 255,
																				length >> 24};
	struct iovec parts[2] = {{header, sizeof header}, {(void *)payload, length}};
	struct msghdr whole = {.msg_iov = parts, .msg_iovlen = 2};
	ssize_t sent = sendmsg(engine, &whole, MSG_NOSIGNAL);
	size_t done = sent < 0 ? 0 : (size_t)sent;
	size_t in_header = done < sizeof header ? done : sizeof header;
	write_engine(header + in_header, sizeof header - in_header);
	write_engine((const char *)payload + (done - in_header), length - (done - in_header));
}

/* --- the hello: JSON, measured first and then written into memory of that size --- */

struct text {
	char *at; /* NULL while measuring */
	size_t length;
};

static void put(struct text *text, const char *data, size_t length) {
	if (text->at)
		memcpy(text->at + text->length, data, length);
	text->length += length;
}

static void put_text(struct text *text, const char *data) { put(text, data, strlen(data)); }

/* Bytes from 0x80 on pass as they are, because the engine reads UTF-8. */
static void put_string(struct text *text, const char *data, size_t length) {
	static const char hex[] = "0123456789abcdef";
	put(text, "\"", 1);
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)data[i];
		if (byte == '"' || byte == '\\') {
			char escaped[2] = {'\\', (char)byte};
			put(text, escaped, 2);
		} else if (byte < 0x20) {
			char escaped[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
			put(text, escaped, 6);
		} else {
			put(text, data + i, 1);
		}
	}
	put(text, "\"", 1);
}

static void put_number(struct text *text, unsigned number) {
	char digits[10];
	int at = sizeof digits;
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	put(text, digits + at, sizeof digits - (size_t)at);
}

static void put_bool(struct text *text, const char *key, int value) {
	put_text(text, key);
	put_text(text, value ? "true" : "false");
}

static void put_environment(struct text *text) {
	int first = 1;
	for (char **entry = environ; *entry; entry++) {
		const char *equals = strchr(*entry, '=');
		if (!equals)
			continue;
		if (!first)
			put(text, ",", 1);
		first = 0;
		put_string(text, *entry, (size_t)(equals - *entry));
		put(text, ":", 1);
		put_string(text, equals + 1, strlen(equals + 1));
	}
}

static void window_size(struct winsize *size) {
	static const int descriptors[] = {1, 0, 2};
	memset(size, 0, sizeof *size);
	for (int i = 0; i < 3; i++)
		if (ioctl(descriptors[i], TIOCGWINSZ, size) == 0)
			return;
}

static void put_hello(struct text *text, char **argv, const char *directory, const struct winsize *size) {
	put_text(text, "{\"argv\":[");
	for (char **argument = argv + 1; *argument; argument++) {
		if (argument > argv + 1)
			put(text, ",", 1);
		put_string(text, *argument, strlen(*argument));
	}
	put_text(text, "],\"cwd\":");
	put_string(text, directory, strlen(directory));
	put_text(text, ",\"env\":{");
	put_environment(text);
	put_bool(text, "},\"tty\":{\"stdin\":", isatty(0));
	put_bool(text, ",\"stdout\":", isatty(1));
	put_bool(text, ",\"stderr\":", isatty(2));
	put_text(text, "},\"columns\":");
	put_number(text, size->ws_col);
	put_text(text, ",\"rows\":");
	put_number(text, size->ws_row);
	put_text(text, "}");
}

static void send_hello(char **argv) {
	char directory[4096];
	struct winsize size;
	struct text text = {0};
	/* When the directory is gone or out of reach, relative names start at the root. */
	if (!argv[0] || !getcwd(directory, sizeof directory) || directory[0] != '/')
		strcpy(directory, "/");
	window_size(&size);
	put_hello(&text, argv, directory, &size);
	text.at = malloc(text.length);
	if (!text.at)
		fail("docker: out of memory\n");
	text.length = 0;
	put_hello(&text, argv, directory, &size);
	send_message(HELLO, text.at, (uint32_t)text.length);
	free(text.at);
}

/* --- signals --- */

static volatile sig_atomic_t caught[32];

static void on_signal(int number) { caught[number] = 1; }

static const int forwarded[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
#define FORWARDED (sizeof forwarded / sizeof *forwarded)

/* Blocks the signals except within ppoll; `waiting` is the mask to use there. */
static void catch_signals(sigset_t *waiting) {
	sigset_t blocked;
	struct sigaction action = {.sa_handler = on_signal};
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGWINCH);
	sigaction(SIGWINCH, &action, NULL);
	for (size_t i = 0; i < FORWARDED; i++) {
		struct sigaction previous;
		sigaction(forwarded[i], NULL, &previous);
		/* A signal that `nohup docker …` ignores stays ignored. */
		if (previous.sa_handler == SIG_IGN)
			continue;
		sigaddset(&blocked, forwarded[i]);
		sigaction(forwarded[i], &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &blocked, waiting);
	sigdelset(waiting, SIGWINCH);
	for (size_t i = 0; i < FORWARDED; i++)
		sigdelset(waiting, forwarded[i]);
}

static void send_size(void) {
	struct winsize size;
	window_size(&size);
	unsigned char payload[4] = {size.ws_col & 255, size.ws_col >> 8, size.ws_row & 255, size.ws_row >> 8};
	if (engine < 0)
		orphan_resize(payload);
	send_message(RESIZE, payload, sizeof payload);
}

static void send_signals(void) {
	static int terminations;
	if (caught[SIGWINCH]) {
		caught[SIGWINCH] = 0;
		send_size();
	}
	for (size_t i = 0; i < FORWARDED; i++) {
		unsigned char number = (unsigned char)forwarded[i];
		if (!caught[number])
			continue;
		caught[number] = 0;
		if (number == SIGINT || number == SIGTERM)
			if (++terminations == FORCED_EXIT_SIGNALS)
				fail("\ngot 3 SIGTERM/SIGINTs, forcefully exiting\n");
		if (engine < 0)
			orphan_signal(number);
		send_message(SIGNAL, &number, 1);
	}
}

/* --- the engine's messages, taken from a buffer as they come --- */

static unsigned char incoming[65536];
static size_t incoming_at, incoming_end;
static unsigned char header[HEADER_BYTES];
static size_t header_bytes;
static uint32_t message_left;
static int want_stdin, stdin_ended;

/* The descriptor that the current message is for, or -1. */
static int output_descriptor(void) {
	if (message_left == 0 || incoming_at == incoming_end)
		return -1;
	return header[0] == STDOUT ? 1 : header[0] == STDERR ? 2 : -1;
}

void output_lost(void) {
	set_raw(0);
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
	leave(128 + SIGPIPE);
}

size_t write_some(int descriptor, const unsigned char *data, size_t length) {
	ssize_t written = write(descriptor, data, length < WRITE_BYTES ? length : WRITE_BYTES);
	if (written < 0) {
		if (errno == EINTR || errno == EAGAIN)
			return 0;
		output_lost();
	}
	return (size_t)written;
}

static void write_output(int descriptor) {
	size_t length = incoming_end - incoming_at;
	size_t written = write_some(descriptor, incoming + incoming_at, length < message_left ? length : message_left);
	incoming_at += written;
	message_left -= (uint32_t)written;
}

static int attach_ended;

/* Tells the engine of an attachment's end, if there is one. Without an engine, leaving the process is the command's end. */
static void report_end(int end) {
	unsigned char how = (unsigned char)end;
	if (end < 0)
		return;
	if (engine < 0 && end == ATTACH_DETACHED)
		leave(0);
	attach_ended = 1;
	send_message(ATTACH_ENDED, &how, 1);
}

#define ENGINE_GONE "docker: the engine went away before the command ended\n"

/* A client that is attached goes on without the engine; every other command ends here, because the engine did its work. */
static void lose_engine(void) {
	close(engine);
	engine = -1;
	attach_ended = 0;
	if (orphan_begin() < 0)
		fail(ENGINE_GONE);
}

/* The command ends when all output was written and the exit is known. */
static void serve_orphan(const struct pollfd *polled) {
	int code = orphan_serve(polled);
	if (code == ORPHAN_LOST)
		fail(ENGINE_GONE);
	if (code >= 0 && attach_ended)
		leave(code);
}

/* Tells the engine of a pipe's end, if it has ended, and of the bytes that went through it. */
static void report_pipe(int end, uint64_t bytes) {
	unsigned char payload[9] = {(unsigned char)end};
	for (int i = 0; i < 8; i++)
		payload[1 + i] = (unsigned char)(bytes >> (8 * i));
	if (end >= 0)
		send_message(PIPE_ENDED, payload, sizeof payload);
}

/* Keeps the payload of a message that is not output; no known one is longer. */
static unsigned char control[PIPE_AHEAD + 256];
static size_t control_length;

static void join_stdin(void) {
	if (pipe_stdin(control, control_length) < 0)
		report_pipe(PIPE_BROKEN, 0);
}

static void join_stdout(void) {
	if (pipe_stdout(control, control_length) < 0)
		report_pipe(PIPE_BROKEN, 0);
	else
		send_message(PIPE_READY, "", 0);
}

static void obey(unsigned char type) {
	switch (type) {
	case RAW_TERMINAL:
		set_raw(control[0] != 0);
		break;
	case WANT_STDIN:
		want_stdin = control[0];
		break;
	case ATTACH:
		report_end(attach_open(control, control_length));
		break;
	case PIPE_STDIN:
		join_stdin();
		break;
	case PIPE_STDOUT:
		join_stdout();
		break;
	case EXIT:
		leave(control[0]);
	default:
		fail("docker: the engine sent an unknown message: the client and the engine are not of one version\n");
	}
}

/* Takes messages up to output, which waits for its descriptor, or up to the end of the buffer. */
static void take_messages(void) {
	while (incoming_at < incoming_end && output_descriptor() < 0) {
		if (message_left == 0) {
			header[header_bytes++] = incoming[incoming_at++];
			if (header_bytes < HEADER_BYTES)
				continue;
			header_bytes = 0;
			message_left = header[1] | (uint32_t)header[2] << 8 | (uint32_t)header[3] << 16 | (uint32_t)header[4] << 24;
			control_length = 0;
			continue;
		}
		message_left--;
		unsigned char value = incoming[incoming_at++];
		if (control_length < sizeof control)
			control[control_length++] = value;
		if (message_left == 0)
			obey(header[0]);
	}
}

static void read_engine(void) {
	ssize_t length = read(engine, incoming, sizeof incoming);
	if (length < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (length <= 0)
		return lose_engine();
	incoming_at = 0;
	incoming_end = (size_t)length;
	take_messages();
}

static void read_stdin(void) {
	static char typed[READ_BYTES];
	ssize_t length = read(0, typed, sizeof typed);
	if (length < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	/* A terminal that is gone reads as an error, which ends the input as its end does. */
	if (length <= 0) {
		stdin_ended = 1;
		length = 0;
	}
	if (want_stdin == READ_ONCE)
		want_stdin = 0;
	send_message(STDIN, typed, (uint32_t)length);
}

static void connect_engine(void) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("PORTHOLE_CLI_SOCKET");
	if (!path || strlen(path) >= sizeof address.sun_path)
		path = SOCKET_PATH;
	strcpy(address.sun_path, path);
	engine = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (engine < 0 || connect(engine, (struct sockaddr *)&address, sizeof address) < 0)
		fail(UNREACHABLE);
}

int main(int argc, char **argv) {
	sigset_t waiting;
	(void)argc;
	connect_engine();
	catch_signals(&waiting);
	send_hello(argv);
	for (;;) {
		int output = output_descriptor();
		struct pollfd polled[9] = {
				/*
				 * While output waits, the client reads nothing from the engine, which slows it down to the reader's
				 * pace.
				 */
				{.fd = output < 0 ? engine : -1, .events = POLLIN},
				{.fd = output, .events = POLLOUT},
				{.fd = want_stdin && !stdin_ended ? 0 : -1, .events = POLLIN},
		};
		attach_watch(polled + 3);
		pipe_watch(polled + 6);
		orphan_watch(polled + 8);
		int ready = ppoll(polled, 9, NULL, &waiting);
		if (ready < 0 && errno != EINTR)
			fail("docker: cannot wait for the engine\n");
		send_signals();
		if (ready <= 0)
			continue;
		report_end(attach_serve(polled + 3));
		report_pipe(pipe_serve(polled + 6), pipe_moved());
		if (polled[1].revents) {
			write_output(output);
			take_messages();
		} else if (polled[0].revents) {
			read_engine();
		}
		if (polled[2].revents)
			read_stdin();
		if (engine < 0)
			serve_orphan(polled + 8);
	}
}
