/* Bytes waiting to be written: a buffer that grows to a limit its user checks, and is given back when empty. */
#pragma once

#include "common.h"

struct queue {
	uint8_t *data;
	size_t start, size, capacity;
};

/* -ENOMEM: nothing was appended. */
long queue_append(struct queue *queue, const void *data, size_t size);
void queue_consume(struct queue *queue, size_t size);
void queue_clear(struct queue *queue);
/* Writes what the non-blocking descriptor takes; -EAGAIN is success. */
long queue_flush(struct queue *queue, int fd);
static inline const uint8_t *queue_bytes(const struct queue *queue) {
	return queue->data + queue->start;
}
