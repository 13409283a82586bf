/*
 * A client whose engine has gone while it is attached. The process, its shim and the attachment live on, as with dockerd's
 * live-restore, so the client goes on to the process's end. It learns the exit from the shim, which tells it to each
 * connection that is no attachment, and passes signals and sizes on by the same connection.
 */
#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of guest/native/launcher/messages.json: type, length (4 bytes, little endian), payload. */
enum shim_message { RESIZE = 6, SIGNAL = 7, EXIT = 39 };
#define HEADER_BYTES 5

static int witness = -1;
/* An exit record is shorter (shim.h, exit_record), as is all else that the shim tells unasked. */
static char incoming[HEADER_BYTES + 512];
static size_t filled;
static int exit_code = -1;

int orphan_begin(void) {
	witness = attach_connect();
	return witness;
}

static void tell(enum shim_message type, const unsigned char payload[4]) {
	unsigned char message[HEADER_BYTES + 4] = {(unsigned char)type, 4};
	memcpy(message + HEADER_BYTES, payload, 4);
	/* A shim that has left takes nothing; the end of its connection tells so. */
	ssize_t ignored = send(witness, message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)ignored;
}

void orphan_signal(unsigned char number) {
	const unsigned char payload[4] = {number};
	tell(SIGNAL, payload);
}

void orphan_resize(const unsigned char size[4]) { tell(RESIZE, size); }

void orphan_watch(struct pollfd *polled) { *polled = (struct pollfd){.fd = witness, .events = POLLIN}; }

static size_t message_length(void) {
	const unsigned char *length = (const unsigned char *)incoming + 1;
	return HEADER_BYTES + (length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 | (size_t)length[3] << 24);
}

/* Takes the messages that are whole. */
static void take_messages(void) {
	static const char key[] = "\"exitCode\":";
	while (filled >= HEADER_BYTES && filled >= message_length()) {
		size_t length = message_length();
		const char *code = memmem(incoming, length, key, sizeof key - 1);
		if (incoming[0] == EXIT && code != NULL)
			exit_code = atoi(code + sizeof key - 1) & 255;
		filled -= length;
		memmove(incoming, incoming + length, filled);
	}
}

int orphan_serve(const struct pollfd *polled) {
	if (polled->revents == 0)
		return exit_code;
	ssize_t length = recv(witness, incoming + filled, sizeof incoming - filled, MSG_DONTWAIT);
	if (length < 0 && (errno == EINTR || errno == EAGAIN))
		return exit_code;
	if (length > 0) {
		filled += (size_t)length;
		take_messages();
		return exit_code;
	}
	/* The end of the connection, or a message that is too long for any that is known. */
	close(witness);
	witness = -1;
	return exit_code < 0 ? ORPHAN_LOST : exit_code;
}
