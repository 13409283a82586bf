#define _GNU_SOURCE
#include "link.h"
#include "kernel.h"
#include "queue.h"
#include "shim.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define LINK_HEADER 8
#define CHUNK 16384
/* Reading from the processes stops while the engine has not taken this much. */
#define OUT_LIMIT (256 * 1024)
/* The longest frame: a plan, in its message. */
#define IN_LIMIT ((4u << 20) + 64)

struct channel {
	uint32_t number;
	int fd;
	/* Bytes that the process has not taken yet. */
	struct queue out;
};

struct link {
	int connection;
	struct queue in, out;
	struct channel *channels;
	size_t count, capacity;
	struct pollfd *polled;
	struct link_service service;
};

static uint32_t number_at(const uint8_t *bytes) {
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void put_number(uint8_t *bytes, uint32_t value) {
	for (unsigned i = 0; i < 4; i++) bytes[i] = (uint8_t)(value >> (8 * i));
}

/* The engine that cannot be told opens another link, and finds its shims by their sockets. */
static _Noreturn void give_up(void) {
	exit(1);
}

static void tell(struct link *link, uint32_t number, const void *data, uint32_t size) {
	uint8_t header[LINK_HEADER];
	put_number(header, number);
	put_number(header + 4, size);
	if (queue_append(&link->out, header, sizeof header) < 0 || queue_append(&link->out, data, size) < 0) give_up();
}

static struct channel *find(struct link *link, uint32_t number) {
	for (size_t i = 0; i < link->count; i++)
		if (link->channels[i].number == number) return &link->channels[i];
	return NULL;
}

static void forget(struct link *link, struct channel *channel) {
	close(channel->fd);
	queue_clear(&channel->out);
	*channel = link->channels[--link->count];
}

static void make_room(struct link *link) {
	if (link->count < link->capacity) return;
	link->capacity = link->capacity == 0 ? 8 : link->capacity * 2;
	link->channels = realloc(link->channels, link->capacity * sizeof *link->channels);
	link->polled = realloc(link->polled, (link->capacity + 1) * sizeof *link->polled);
	if (link->channels == NULL || link->polled == NULL) give_up();
}

/* The child keeps no connection but its own: the end of another's must not wait for it. */
static _Noreturn void run_child(struct link *link, int connection, int kept, struct blob message) {
	if (connection != 3) dup2(connection, 3);
	if (kept >= 0) syscall(SYS_close_range, 4, (unsigned)kept - 1, 0);
	syscall(SYS_close_range, kept < 0 ? 4u : (unsigned)kept + 1, ~0u, 0);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	link->service.serve(3, message);
	exit(0);
}

static long start(struct link *link, uint32_t number, struct blob message) {
	int ends[2];
	TRY(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	autoclose int near = ends[0], far = ends[1];
	int kept = link->service.prepare(message);
	pid_t child = (pid_t)TRY(fork());
	if (child == 0) run_child(link, far, kept, message);
	TRY(fcntl(near, F_SETFL, O_NONBLOCK));
	make_room(link);
	link->channels[link->count++] = (struct channel){.number = number, .fd = take_fd(&near)};
	return 0;
}

static void refuse(struct link *link, uint32_t number, uint32_t error) {
	uint8_t message[FRAME_HEADER + FAILURE_SIZE];
	make_failure(message, ROLE_SHIM, UINT32_MAX, UINT16_MAX, error);
	tell(link, number, message, sizeof message);
	tell(link, number, NULL, 0);
}

static void flush_channel(struct link *link, struct channel *channel) {
	if (queue_flush(&channel->out, channel->fd) == 0) return;
	tell(link, channel->number, NULL, 0);
	forget(link, channel);
}

static void take_frame(struct link *link, uint32_t number, struct blob bytes) {
	struct channel *channel = find(link, number);
	if (channel == NULL && bytes.size > 0) {
		long result = start(link, number, bytes);
		if (result < 0) refuse(link, number, (uint32_t)-result);
	} else if (channel != NULL && bytes.size == 0) {
		forget(link, channel);
	} else if (channel != NULL) {
		if (queue_append(&channel->out, bytes.data, bytes.size) < 0) give_up();
		flush_channel(link, channel);
	}
}

static void take_frames(struct link *link) {
	while (link->in.size >= LINK_HEADER) {
		const uint8_t *bytes = queue_bytes(&link->in);
		uint32_t number = number_at(bytes), size = number_at(bytes + 4);
		if (size > IN_LIMIT) give_up();
		if (link->in.size < LINK_HEADER + size) return;
		take_frame(link, number, (struct blob){bytes + LINK_HEADER, size});
		queue_consume(&link->in, LINK_HEADER + size);
	}
}

static void read_engine(struct link *link) {
	static uint8_t chunk[65536];
	long count = SYS(read(link->connection, chunk, sizeof chunk));
	if (count == -EAGAIN || count == -EINTR) return;
	if (count <= 0 || queue_append(&link->in, chunk, (size_t)count) < 0) give_up();
	take_frames(link);
}

static void read_channel(struct link *link, struct channel *channel) {
	static uint8_t chunk[CHUNK];
	long count = SYS(read(channel->fd, chunk, sizeof chunk));
	if (count == -EAGAIN || count == -EINTR) return;
	tell(link, channel->number, chunk, count > 0 ? (uint32_t)count : 0);
	if (count <= 0) forget(link, channel);
}

static void poll_once(struct link *link) {
	bool full = link->out.size > OUT_LIMIT;
	make_room(link);
	link->polled[0] = (struct pollfd){.fd = link->connection, .events = (short)(POLLIN | (link->out.size > 0 ? POLLOUT : 0))};
	for (size_t i = 0; i < link->count; i++) {
		const struct channel *channel = &link->channels[i];
		short events = (short)((full ? 0 : POLLIN) | (channel->out.size > 0 ? POLLOUT : 0));
		link->polled[i + 1] = (struct pollfd){.fd = events == 0 ? -1 : channel->fd, .events = events};
	}
	if (poll(link->polled, link->count + 1, -1) < 0) return;
	/* The loop begins with the last channel, because the last takes the place of one that goes. */
	for (size_t i = link->count; i > 0; i--) {
		short ready = link->polled[i].revents;
		uint32_t number = link->channels[i - 1].number;
		if (ready & POLLOUT) flush_channel(link, &link->channels[i - 1]);
		bool same = i <= link->count && link->channels[i - 1].number == number;
		if (same && ready & (POLLIN | POLLHUP | POLLERR)) read_channel(link, &link->channels[i - 1]);
	}
	if (link->polled[0].revents & (POLLIN | POLLHUP | POLLERR)) read_engine(link);
	if (queue_flush(&link->out, link->connection) < 0) give_up();
}

_Noreturn void link_main(int connection, struct link_service service) {
	static struct link link;
	link = (struct link){.connection = connection, .service = service};
	prctl(PR_SET_NAME, "launcher-link", 0, 0, 0);
	/* Its children are shims and host plans, which report their ends themselves. */
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	fcntl(connection, F_SETFL, fcntl(connection, F_GETFL) | O_NONBLOCK);
	for (;;) poll_once(&link);
}
