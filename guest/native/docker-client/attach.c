/*
 * An attachment: output of a process from its shim to the client's own descriptors, and input back, past the engine, which
 * would only copy it. Messages are those of guest/native/launcher/messages.json: type, length (4 bytes, little endian),
 * payload. Nothing here blocks, because a process that neither reads nor is read must not keep signals from it.
 */
#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum shim_message { ATTACH = 3, STDIN = 4, STDIN_EOF = 5, OUTPUT = 37, OUTPUT_END = 38 };
/* CliAttach.flags of cli-protocol.ts. */
enum attach_flags { WITH_STDIN = 1, WITH_STDOUT = 2, WITH_STDERR = 4, CLOSE_STDIN = 8 };

#define HEADER_BYTES 5
#define TYPED_BYTES 16384
#define MAX_KEYS 255

static int shim = -1;
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static unsigned flags;

/* Bytes from the shim, and where in a message they are. */
static unsigned char incoming[65536];
static size_t incoming_at, incoming_end;
static unsigned char header[HEADER_BYTES + 1];
static size_t header_bytes;
static uint32_t message_left;
static int output_ended;

/* Messages to the shim that its socket has not taken yet. A key that was held back may come before what was typed. */
static unsigned char outgoing[HEADER_BYTES + TYPED_BYTES + MAX_KEYS];
static size_t outgoing_at, outgoing_end;
static int input_ended, detached;

static unsigned char keys[MAX_KEYS];
static size_t key_count, keys_matched;

static int end(enum attach_end how) {
	close(shim);
	shim = -1;
	return (int)how;
}

static void queue_message(enum shim_message type, size_t length) {
	outgoing[0] = (unsigned char)type;
	for (int i = 0; i < 4; i++)
		outgoing[1 + i] = (unsigned char)(length >> (8 * i));
	outgoing_at = 0;
	outgoing_end = HEADER_BYTES + length;
}

/* A shim that has left takes no input; its output, which is read to the end, tells the rest. */
static void send_queued(void) {
	ssize_t sent = send(shim, outgoing + outgoing_at, outgoing_end - outgoing_at, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent >= 0)
		outgoing_at += (size_t)sent;
	else if (errno != EAGAIN && errno != EINTR)
		outgoing_at = outgoing_end, input_ended = 1;
}

static int connect_shim(void) {
	int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) == 0)
		return connection;
	close(connection);
	return -1;
}

int attach_connect(void) { return shim < 0 ? -1 : connect_shim(); }

int attach_open(const unsigned char *message, size_t length) {
	if (length < 2 || length < 2u + message[1] || length - 2 - message[1] >= sizeof address.sun_path)
		return ATTACH_UNREACHABLE;
	flags = message[0];
	key_count = message[1];
	memcpy(keys, message + 2, key_count);
	memset(address.sun_path, 0, sizeof address.sun_path);
	memcpy(address.sun_path, message + 2 + key_count, length - 2 - key_count);
	incoming_at = incoming_end = header_bytes = message_left = keys_matched = 0;
	output_ended = detached = 0;
	input_ended = !(flags & WITH_STDIN);
	shim = connect_shim();
	if (shim < 0)
		return ATTACH_UNREACHABLE;
	queue_message(ATTACH, 1);
	outgoing[HEADER_BYTES] = flags & WITH_STDIN ? 1 : 0;
	send_queued();
	return -1;
}

/* The descriptor that the buffered bytes are for; 0 when they are for none that is wanted, -1 when there are none. */
static int output_descriptor(void) {
	if (message_left == 0 || incoming_at == incoming_end)
		return -1;
	if (header[0] != OUTPUT)
		return 0;
	int descriptor = header[HEADER_BYTES] == 2 ? 2 : 1;
	return flags & (descriptor == 1 ? WITH_STDOUT : WITH_STDERR) ? descriptor : 0;
}

/* Takes a message's header, of an output's also the stream. */
static void take_header(void) {
	header[header_bytes++] = incoming[incoming_at++];
	if (header_bytes < HEADER_BYTES || (header[0] == OUTPUT && header_bytes == HEADER_BYTES))
		return;
	message_left = header[1] | (uint32_t)header[2] << 8 | (uint32_t)header[3] << 16 | (uint32_t)header[4] << 24;
	if (header[0] == OUTPUT && message_left > 0)
		message_left--;
	if (header[0] == OUTPUT_END)
		output_ended = 1;
	header_bytes = 0;
}

static void consume(size_t length) {
	incoming_at += length;
	message_left -= (uint32_t)length;
}

static size_t available(void) {
	size_t length = incoming_end - incoming_at;
	return length < message_left ? length : message_left;
}

/* Takes messages up to output that is wanted, which waits for its descriptor, or up to the end of the buffer. */
static void take_messages(void) {
	while (incoming_at < incoming_end && output_descriptor() <= 0) {
		if (message_left == 0)
			take_header();
		else
			consume(available());
	}
}

static void read_shim(void) {
	ssize_t length = recv(shim, incoming, sizeof incoming, MSG_DONTWAIT);
	if (length < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (length <= 0) {
		output_ended = 1;
		return;
	}
	incoming_at = 0;
	incoming_end = (size_t)length;
	take_messages();
}

/* As DetachKeyFilter of guest/vocabulary/detach-keys.ts: a byte that breaks a begun sequence begins no other one. */
static size_t filter(const unsigned char *typed, size_t length, unsigned char *pass) {
	size_t passed = 0;
	for (size_t i = 0; i < length && !detached; i++) {
		if (key_count > 0 && typed[i] == keys[keys_matched]) {
			detached = ++keys_matched == key_count;
			continue;
		}
		memcpy(pass + passed, keys, keys_matched);
		passed += keys_matched;
		keys_matched = 0;
		pass[passed++] = typed[i];
	}
	return passed;
}

static void read_stdin(void) {
	static unsigned char typed[TYPED_BYTES / 2];
	ssize_t length = read(0, typed, sizeof typed);
	if (length < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	/* A terminal that is gone reads as an error, which ends the input as its end does. */
	if (length <= 0) {
		input_ended = 1;
		if (!(flags & CLOSE_STDIN))
			return;
		queue_message(STDIN_EOF, 0);
	} else {
		size_t passed = filter(typed, (size_t)length, outgoing + HEADER_BYTES);
		if (passed == 0)
			return;
		queue_message(STDIN, passed);
	}
	send_queued();
}

void attach_watch(struct pollfd polled[3]) {
	int output = output_descriptor();
	int sending = outgoing_at < outgoing_end;
	/* While output waits nothing is read from the shim, which slows the process down to the reader's pace. */
	short events = (short)((output < 0 ? POLLIN : 0) | (sending ? POLLOUT : 0));
	polled[0] = (struct pollfd){.fd = events ? shim : -1, .events = events};
	polled[1] = (struct pollfd){.fd = output, .events = POLLOUT};
	polled[2] = (struct pollfd){.fd = shim >= 0 && !input_ended && !sending && !detached ? 0 : -1, .events = POLLIN};
}

int attach_serve(const struct pollfd polled[3]) {
	if (shim < 0)
		return -1;
	if (polled[0].revents & POLLOUT)
		send_queued();
	if (polled[1].revents) {
		consume(write_some(polled[1].fd, incoming + incoming_at, available()));
		take_messages();
	} else if (polled[0].revents & (POLLIN | POLLHUP | POLLERR)) {
		read_shim();
	}
	if (polled[2].revents)
		read_stdin();
	if (detached && outgoing_at == outgoing_end)
		return end(ATTACH_DETACHED);
	return output_ended && output_descriptor() < 0 ? end(ATTACH_OUTPUT_ENDED) : -1;
}
