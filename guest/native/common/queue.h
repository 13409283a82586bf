/* Bytes waiting to be written, in a buffer that grows up to a limit of its user's and is freed when empty. */
#pragma once

#include "common.h"

struct queue {
	uint8_t *data;
	size_t start, size, capacity;
};

/* Returns -ENOMEM when nothing was appended. */
long queue_append(struct queue *queue, const void *data, size_t size);
void queue_consume(struct queue *queue, size_t size);
void queue_clear(struct queue *queue);
/* Writes what the non-blocking descriptor takes; -EAGAIN is success. */
long queue_flush(struct queue *queue, int fd);
static inline const uint8_t *queue_bytes(const struct queue *queue) {
	return queue->data + queue->start;
}
