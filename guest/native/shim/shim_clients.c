/* Connections to the shim: the one that launched it and any that came later by its socket. */
#define _GNU_SOURCE
#include "kernel.h"
#include "shim.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Bytes, more than any attachment may have waiting, so that only a stuck control connection reaches it. */
#define CONTROL_LIMIT (8u << 20)

static void client_init(struct client *client, int fd) {
	*client = (struct client){.fd = fd};
	if (fd >= 0) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void clients_init(struct shim *shim, int connection) {
	for (unsigned i = 0; i < MAX_CLIENTS; i++) client_init(&shim->clients[i], -1);
	client_init(&shim->clients[0], connection);
	shim->clients[0].dns = true;
}

/* The first place always belongs to the launching connection. */
void client_accept(struct shim *shim) {
	int fd = accept4(shim->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0) return;
	for (unsigned i = 1; i < MAX_CLIENTS; i++) {
		if (shim->clients[i].fd >= 0) continue;
		return client_init(&shim->clients[i], fd);
	}
	close(fd);
}

void client_close(struct shim *shim, struct client *client) {
	bool had_stdin = client->stdin;
	close(client->fd);
	queue_clear(&client->in);
	queue_clear(&client->out);
	*client = (struct client){.fd = -1};
	if (had_stdin && shim->plan->flags & PLAN_STDIN_ONCE) input_end(shim);
	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		if (shim->clients[i].fd >= 0) return;
	/* Nobody is left who could attach to the output that was held back. */
	shim->hold = 0;
}

void client_flush(struct shim *shim, struct client *client) {
	if (queue_flush(&client->out, client->fd) < 0) client_close(shim, client);
}

void client_send(struct shim *shim, struct client *client, uint8_t type, const void *data, size_t size, const void *more,
		 size_t more_size) {
	uint32_t length = (uint32_t)(size + more_size);
	uint8_t header[FRAME_HEADER] = {type, (uint8_t)length, (uint8_t)(length >> 8), (uint8_t)(length >> 16),
					(uint8_t)(length >> 24)};
	long result = client->out.size > CONTROL_LIMIT ? -ENOBUFS : queue_append(&client->out, header, sizeof header);
	if (result == 0) result = queue_append(&client->out, data, size);
	if (result == 0) result = queue_append(&client->out, more, more_size);
	/* A frame that is written in part would lose its reader, so the connection ends. */
	if (result < 0) return client_close(shim, client);
	if (!shim->corked) client_flush(shim, client);
}

void clients_flush(struct shim *shim) {
	shim->corked = false;
	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		if (shim->clients[i].fd >= 0 && shim->clients[i].out.size > 0) client_flush(shim, &shim->clients[i]);
}

void clients_tell(struct shim *shim, uint8_t type, const void *data, size_t size) {
	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		if (shim->clients[i].fd >= 0 && !shim->clients[i].attached)
			client_send(shim, &shim->clients[i], type, data, size, NULL, 0);
}

bool clients_output_full(const struct shim *shim) {
	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		if (shim->clients[i].attached && shim->clients[i].out.size > OUTPUT_LIMIT) return true;
	return false;
}

bool clients_pending(const struct shim *shim) {
	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		if (shim->clients[i].fd >= 0 && shim->clients[i].out.size > 0) return true;
	return false;
}

bool clients_attached(const struct shim *shim) {
	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		if (shim->clients[i].attached) return true;
	return false;
}

void clients_finish(struct shim *shim) {
	for (unsigned i = 0; i < MAX_CLIENTS; i++) {
		struct client *client = &shim->clients[i];
		if (client->attached) shutdown(client->fd, SHUT_WR);
		else if (client->fd >= 0) client_close(shim, client);
	}
}

static void attach(struct shim *shim, struct client *client, uint8_t flags) {
	client->attached = true;
	client->stdin = flags & 1;
	if (shim->hold > 0) shim->hold--;
	if (shim->outputs_closed) client_send(shim, client, MESSAGE_OUTPUT_END, NULL, 0, NULL, 0);
}

static void take_dns(struct shim *shim, struct client *client) {
	for (unsigned i = 0; i < MAX_CLIENTS; i++) shim->clients[i].dns = false;
	client->dns = true;
	report_state(shim, client);
}

static void resize(struct shim *shim, const uint8_t *data) {
	struct winsize size = {.ws_col = (uint16_t)(data[0] | data[1] << 8), .ws_row = (uint16_t)(data[2] | data[3] << 8)};
	/* There is nothing to resize before the pty exists and after it has gone. */
	if (shim->plan->flags & PLAN_TERMINAL && shim->input >= 0) (void)!ioctl(shim->input, TIOCSWINSZ, &size);
}

static void send_signal(struct shim *shim, struct client *client, const uint8_t *data) {
	int32_t signal = data[0] | data[1] << 8;
	int32_t result = shim->ended ? -ESRCH : (int32_t)SYS(k_pidfd_send_signal(shim->pidfd, signal));
	client_send(shim, client, MESSAGE_SIGNALLED, &result, sizeof result, NULL, 0);
}

static bool handle_frame(struct shim *shim, struct client *client, uint8_t type, const uint8_t *data, uint32_t size) {
	switch (type) {
	case MESSAGE_HELLO: take_dns(shim, client); return true;
	case MESSAGE_ATTACH: attach(shim, client, size > 0 ? data[0] : 0); return true;
	case MESSAGE_STDIN:
		if (client->stdin && !shim->input_ends) queue_append(&shim->input_queue, data, size);
		if (client->stdin) input_write(shim);
		return true;
	case MESSAGE_STDIN_EOF:
		if (client->stdin) input_end(shim);
		return true;
	case MESSAGE_RESIZE:
		if (size < 4) return false;
		resize(shim, data);
		return true;
	case MESSAGE_SIGNAL:
		if (size < 4) return false;
		send_signal(shim, client, data);
		return true;
	case MESSAGE_START: shim->start_requested = true; return true;
	case MESSAGE_DNS_REPLY: dns_reply(shim, data, size); return true;
	default: return false;
	}
}

/* A frame that is too long or of no known type ends the connection: what follows it cannot be trusted. */
static void handle_frames(struct shim *shim, struct client *client) {
	while (client->fd >= 0 && client->in.size >= FRAME_HEADER) {
		const uint8_t *bytes = queue_bytes(&client->in);
		uint32_t size = bytes[1] | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3] << 16 | (uint32_t)bytes[4] << 24;
		if (size > FRAME_MAX) return client_close(shim, client);
		if (client->in.size < FRAME_HEADER + size) return;
		if (!handle_frame(shim, client, bytes[0], bytes + FRAME_HEADER, size)) return client_close(shim, client);
		if (client->fd >= 0) queue_consume(&client->in, FRAME_HEADER + size);
	}
}

void client_read(struct shim *shim, struct client *client) {
	static uint8_t chunk[16384];
	long count = SYS(read(client->fd, chunk, sizeof chunk));
	if (count == -EAGAIN || count == -EINTR) return;
	if (count <= 0 || queue_append(&client->in, chunk, (size_t)count) < 0) return client_close(shim, client);
	handle_frames(shim, client);
}
