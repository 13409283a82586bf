/* netlink(7): messages are made by the engine; here they are sent and their acknowledgements awaited. */
#include "run.h"

#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* The kernel fills at most 32 KiB of a dump at once. */
#define RECEIVE_SIZE 32768
#define COLLECT_MAX (4u << 20)
/* Seconds: the kernel's answer depends on nobody else, so a longer silence is a fault. */
#define ANSWER_SECONDS 5

/* A message is answered by one NLMSG_ERROR when it asks for an acknowledgement, a dump by NLMSG_DONE. -EINVAL: malformed. */
static long expected_answers(struct blob messages) {
	long count = 0;
	uint32_t at = 0;
	while (at < messages.size) {
		struct nlmsghdr header;
		if (messages.size - at < sizeof header) return -EINVAL;
		memcpy(&header, messages.data + at, sizeof header);
		if (header.nlmsg_len < sizeof header || header.nlmsg_len > messages.size - at) return -EINVAL;
		if (header.nlmsg_flags & NLM_F_ACK || (header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP) count++;
		uint32_t aligned = NLMSG_ALIGN(header.nlmsg_len);
		at = aligned > messages.size - at ? messages.size : at + aligned;
	}
	return count;
}

static long collect(struct context *context, const uint8_t *data, size_t size) {
	size_t old = context->data.size;
	if (old + size > COLLECT_MAX) return -EFBIG;
	uint8_t *grown = realloc((void *)context->data.data, old + size);
	if (grown == NULL) return -ENOMEM;
	memcpy(grown + old, data, size);
	context->data = (struct blob){grown, (uint32_t)(old + size)};
	return 0;
}

/*
 * Counts the answers that one recv brought; stores an error's message as the report's data, because of its sequence
 * number.
 */
static long read_answers(struct context *context, const uint8_t *data, size_t size) {
	long answers = 0;
	while (size >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *header = (const void *)data;
		if (header->nlmsg_len < sizeof *header || header->nlmsg_len > size) return -EPROTO;
		if (header->nlmsg_type == NLMSG_DONE) answers++;
		if (header->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *error = NLMSG_DATA(header);
			if (header->nlmsg_len < NLMSG_LENGTH(sizeof *error)) return -EPROTO;
			if (error->error != 0) {
				context->data.size = 0;
				CHECK(collect(context, data, header->nlmsg_len));
				return error->error;
			}
			answers++;
		}
		size_t aligned = NLMSG_ALIGN(header->nlmsg_len);
		if (aligned >= size) break;
		data += aligned;
		size -= aligned;
	}
	return answers;
}

long op_netlink(struct context *context, const union value *a) {
	static uint8_t buffer[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct blob messages = a[NETLINK_MESSAGES].bytes;
	long expected = CHECK(expected_answers(messages));
	autoclose int fd = (int)TRY(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, (int)a[NETLINK_PROTOCOL].number));
	struct timeval patience = {.tv_sec = ANSWER_SECONDS};
	TRY(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience));
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	TRY(sendto(fd, messages.data, messages.size, 0, (struct sockaddr *)&kernel, sizeof kernel));
	while (expected > 0) {
		long size = SYS(recv(fd, buffer, sizeof buffer, 0));
		if (size == -EINTR) continue;
		if (size == -EAGAIN) return -ETIMEDOUT;
		CHECK(size);
		expected -= CHECK(read_answers(context, buffer, (size_t)size));
		if (a[NETLINK_COLLECT].number) CHECK(collect(context, buffer, (size_t)size));
	}
	return 0;
}
