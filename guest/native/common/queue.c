#include "queue.h"

#include <stdlib.h>
#include <string.h>

#define SMALLEST 1024

long queue_append(struct queue *queue, const void *data, size_t size) {
	if (queue->start > 0 && queue->start + queue->size + size > queue->capacity) {
		memmove(queue->data, queue_bytes(queue), queue->size);
		queue->start = 0;
	}
	if (queue->size + size > queue->capacity) {
		size_t capacity = queue->capacity == 0 ? SMALLEST : queue->capacity;
		while (capacity < queue->size + size) capacity *= 2;
		uint8_t *grown = realloc(queue->data, capacity);
		if (grown == NULL) return -ENOMEM;
		queue->data = grown;
		queue->capacity = capacity;
	}
	if (size > 0) memcpy(queue->data + queue->start + queue->size, data, size);
	queue->size += size;
	return 0;
}

void queue_consume(struct queue *queue, size_t size) {
	queue->start += size;
	queue->size -= size;
	if (queue->size == 0) queue_clear(queue);
}

void queue_clear(struct queue *queue) {
	free(queue->data);
	*queue = (struct queue){0};
}

long queue_flush(struct queue *queue, int fd) {
	while (queue->size > 0) {
		long count = SYS(write(fd, queue_bytes(queue), queue->size));
		if (count == -EINTR) continue;
		if (count == -EAGAIN) return 0;
		queue_consume(queue, (size_t)CHECK(count));
	}
	return 0;
}
