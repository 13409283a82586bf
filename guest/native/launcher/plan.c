#include "plan.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC 0x31504850

static const char *const signatures[] = {
#define X(suffix, function, name, signature) signature,
    OP_TABLE(X)
#undef X
};

/*
 * The rest of the bytes. Once something did not fit, `failed` stays set and every read returns zero or an empty string.
 */
struct reader {
	const uint8_t *at;
	size_t left;
	bool failed;
};

static const uint8_t *take(struct reader *reader, size_t size) {
	if (reader->failed || size > reader->left) {
		reader->failed = true;
		return NULL;
	}
	const uint8_t *data = reader->at;
	reader->at += size;
	reader->left -= size;
	return data;
}

static uint64_t take_number(struct reader *reader, unsigned size) {
	const uint8_t *data = take(reader, size);
	uint64_t value = 0;
	for (unsigned i = 0; data != NULL && i < size; i++) value |= (uint64_t)data[i] << (8 * i);
	return value;
}

static uint32_t take_u32(struct reader *reader) {
	return (uint32_t)take_number(reader, 4);
}

static struct blob take_bytes(struct reader *reader) {
	uint32_t size = take_u32(reader);
	const uint8_t *data = take(reader, size);
	return (struct blob){data, data == NULL ? 0 : size};
}

static const char *take_string(struct reader *reader) {
	struct blob text = take_bytes(reader);
	const uint8_t *end = take(reader, 1);
	if (end == NULL || *end != 0 || memchr(text.data, 0, text.size) != NULL) {
		reader->failed = true;
		return "";
	}
	return (const char *)text.data;
}

/* An element takes at least `smallest` bytes, so a count that cannot fit is refused before memory is asked for. */
static uint32_t take_count(struct reader *reader, size_t smallest) {
	uint32_t count = take_u32(reader);
	if (count > reader->left / smallest) reader->failed = true;
	return reader->failed ? 0 : count;
}

static void *allocate(struct reader *reader, size_t count, size_t size) {
	void *memory = calloc(count, size);
	if (memory == NULL) reader->failed = true;
	return memory;
}

static char **take_strings(struct reader *reader) {
	uint32_t count = take_count(reader, 5);
	char **strings = allocate(reader, (size_t)count + 1, sizeof *strings);
	for (uint32_t i = 0; strings != NULL && i < count; i++) strings[i] = (char *)take_string(reader);
	return strings;
}

static void take_numbers(struct reader *reader, union value *value) {
	value->numbers.count = take_count(reader, 4);
	value->numbers.values = allocate(reader, (size_t)value->numbers.count + 1, sizeof(uint32_t));
	for (uint32_t i = 0; value->numbers.values != NULL && i < value->numbers.count; i++)
		value->numbers.values[i] = take_u32(reader);
}

static void take_value(struct reader *reader, char letter, union value *value) {
	switch (letter) {
	case 'u': value->number = take_u32(reader); break;
	case 'q': value->number64 = take_number(reader, 8); break;
	case 's': value->string = take_string(reader); break;
	case 'b': value->bytes = take_bytes(reader); break;
	case 'S': value->strings = take_strings(reader); break;
	case 'U': take_numbers(reader, value); break;
	default: reader->failed = true;
	}
}

static void take_step(struct reader *reader, struct step *step) {
	step->op = (uint16_t)take_number(reader, 2);
	step->tolerate = (uint16_t)take_number(reader, 2);
	uint32_t size = take_u32(reader);
	const uint8_t *data = take(reader, size);
	if (data == NULL || step->op >= OP_COUNT) {
		reader->failed = true;
		return;
	}
	struct reader arguments = {data, size, false};
	const char *signature = signatures[step->op];
	for (int i = 0; signature[i] != '\0'; i++) take_value(&arguments, signature[i], &step->arguments[i]);
	if (arguments.failed || arguments.left > 0) reader->failed = true;
}

static void take_list(struct reader *reader, struct step_list *list) {
	uint32_t count = take_count(reader, 8);
	if (count > MAX_STEPS) reader->failed = true;
	if (reader->failed) return;
	list->steps = allocate(reader, (size_t)count + 1, sizeof *list->steps);
	list->count = count;
	for (uint32_t i = 0; i < count && !reader->failed; i++) take_step(reader, &list->steps[i]);
}

static void take_launch(struct reader *reader, struct plan *plan) {
	plan->id = take_string(reader);
	plan->flags = take_u32(reader);
	plan->socket_path = take_string(reader);
	plan->exit_path = take_string(reader);
	plan->log_path = take_string(reader);
	plan->memory_events_path = take_string(reader);
	plan->log_max_bytes = take_number(reader, 8);
}

static long take_head(struct reader *reader, struct plan *plan) {
	*plan = (struct plan){.id = ""};
	if (take_u32(reader) != MAGIC) return -EINVAL;
	uint32_t kind = take_u32(reader);
	if (kind > PLAN_QUIET_HOST) return -EINVAL;
	plan->kind = (enum plan_kind)kind;
	if (kind == PLAN_LAUNCH) take_launch(reader, plan);
	return 0;
}

long plan_parse(struct plan *plan, struct blob bytes) {
	struct reader reader = {bytes.data, bytes.size, false};
	CHECK(take_head(&reader, plan));
	take_list(&reader, &plan->shim);
	take_list(&reader, &plan->init);
	return reader.failed || reader.left > 0 ? -EINVAL : 0;
}

bool plan_find(struct blob bytes, enum op op, struct step *found) {
	struct reader reader = {bytes.data, bytes.size, false};
	struct plan plan;
	if (take_head(&reader, &plan) < 0) return false;
	for (uint32_t left = take_count(&reader, 8); left > 0 && !reader.failed; left--) {
		struct reader step = reader;
		bool wanted = take_number(&reader, 2) == op;
		take_number(&reader, 2);
		take(&reader, take_u32(&reader));
		if (!wanted) continue;
		take_step(&step, found);
		return !step.failed;
	}
	return false;
}
