/* Input and output of the container, and its DNS datagrams. */
#include "shim.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define CHUNK 16384
/*
 * More chunks than any pipe or pty holds: what a process left behind is read whole, but not what another writes on
 * forever.
 */
#define DRAIN_CHUNKS 64
#define DNS_MAX 4096

static void close_output(struct shim *shim, unsigned stream) {
	close(shim->outputs[stream - 1]);
	shim->outputs[stream - 1] = -1;
}

/* Reads at most so many chunks. A pty whose last user has gone answers EIO, which is its end of file. */
void stream_read(struct shim *shim, unsigned stream, unsigned chunks) {
	static char chunk[CHUNK];
	uint8_t number = (uint8_t)stream;
	for (; chunks > 0 && shim->outputs[stream - 1] >= 0; chunks--) {
		long count = SYS(read(shim->outputs[stream - 1], chunk, sizeof chunk));
		if (count == -EINTR) continue;
		if (count == -EAGAIN) return;
		if (count <= 0) return close_output(shim, stream);
		log_write(&shim->log, stream, chunk, (size_t)count);
		for (unsigned i = 0; i < MAX_CLIENTS; i++)
			if (shim->clients[i].attached)
				client_send(shim, &shim->clients[i], MESSAGE_OUTPUT, &number, 1, chunk, (size_t)count);
	}
}

void stream_drain(struct shim *shim) {
	for (unsigned stream = 1; stream <= 2; stream++) stream_read(shim, stream, DRAIN_CHUNKS);
}

/* Stops waiting for output: takes what is there, then ends the log and the attachments. */
void outputs_close(struct shim *shim) {
	if (shim->outputs_closed) return;
	stream_drain(shim);
	for (unsigned stream = 1; stream <= 2; stream++)
		if (shim->outputs[stream - 1] >= 0) close_output(shim, stream);
	shim->outputs_closed = true;
	log_finish(&shim->log);
	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		if (shim->clients[i].attached) client_send(shim, &shim->clients[i], MESSAGE_OUTPUT_END, NULL, 0, NULL, 0);
}

static void close_input(struct shim *shim) {
	queue_clear(&shim->input_queue);
	if (shim->input >= 0) close(shim->input);
	shim->input = -1;
}

/* EPIPE and EIO mean that nobody will read the input. */
void input_write(struct shim *shim) {
	if (shim->input < 0) return queue_clear(&shim->input_queue);
	if (queue_flush(&shim->input_queue, shim->input) < 0) return close_input(shim);
	/* A terminal has no end of file of its own; its user types ^D. */
	bool terminal = shim->plan->flags & PLAN_TERMINAL;
	if (shim->input_ends && shim->input_queue.size == 0 && !terminal) close_input(shim);
}

void input_end(struct shim *shim) {
	shim->input_ends = true;
	input_write(shim);
}

bool input_full(const struct shim *shim) {
	return shim->input_queue.size >= INPUT_LIMIT;
}

/* Sends datagrams to the client that answers DNS; while there is none they are lost, and the process asks again. */
void dns_read(struct shim *shim) {
	uint8_t datagram[4 + DNS_MAX];
	struct sockaddr_in from;
	socklen_t length = sizeof from;
	ssize_t size = recvfrom(shim->dns, datagram + 4, DNS_MAX, 0, (struct sockaddr *)&from, &length);
	if (size <= 0) return;
	uint32_t id = ++shim->next_query;
	for (unsigned i = 0; i < MAX_CLIENTS; i++) {
		if (!shim->clients[i].dns) continue;
		shim->queries[id % MAX_DNS_QUERIES] = (struct dns_query){id, from.sin_addr.s_addr, from.sin_port};
		memcpy(datagram, &id, sizeof id);
		return client_send(shim, &shim->clients[i], MESSAGE_DNS_QUERY, datagram, 4 + (size_t)size, NULL, 0);
	}
}

void dns_reply(struct shim *shim, const uint8_t *data, size_t size) {
	uint32_t id;
	if (size <= sizeof id || shim->dns < 0) return;
	memcpy(&id, data, sizeof id);
	const struct dns_query *query = &shim->queries[id % MAX_DNS_QUERIES];
	if (id == 0 || query->id != id) return;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = query->port, .sin_addr = {query->address}};
	/* A reply may be lost, as any UDP datagram may. */
	(void)!sendto(shim->dns, data + sizeof id, size - sizeof id, 0, (struct sockaddr *)&to, sizeof to);
}
