/*
 * The shim: parent of one process, owner of its pty or pipes, writer of its log and of its exit record. One poll loop
 * serves it all; a step of the plan that waits (await-…, release-init) runs the loop until its goal.
 */
#pragma once

#include "log.h"
#include "queue.h"
#include "run.h"

#define MAX_CLIENTS 16
#define MAX_DNS_QUERIES 64
/* Reading the container's output stops while an attachment has more than this waiting. */
#define OUTPUT_LIMIT (128 * 1024)
/* Reading an attachment's input stops while the container has not read this much. */
#define INPUT_LIMIT (64 * 1024)
#define FRAME_HEADER 5
#define FRAME_MAX (64 * 1024)
/* Payload of MESSAGE_FAILED. */
#define FAILURE_SIZE 11

struct client {
	int fd;
	struct queue in, out;
	bool attached, stdin, dns;
};

struct dns_query {
	uint32_t id;
	uint32_t address;
	uint16_t port;
};

enum goal { GOAL_POINT, GOAL_START, GOAL_EXEC, GOAL_EXIT, GOAL_DRAINED, GOAL_ALONE };

struct shim {
	const struct plan *plan;
	struct context context;
	struct step_report *reports;
	/* Steps of the shim's list begun (`settled`: and none running), and of each role already sent to the launching connection. */
	volatile uint32_t begun;
	bool settled;
	uint32_t sent[2];
	int listener;
	struct client clients[MAX_CLIENTS];
	/* Messages wait for `clients_flush`, so that what is said at once wakes its reader once. */
	bool corked;

	/* The child. */
	pid_t pid;
	int pidfd;
	uint64_t start_time, executed_at, ended_at;
	int status;
	bool executed, ended, start_requested;
	char exit_record[256];
	size_t exit_record_size;
	/* Socket pair with init: the point it waits at, end of file once it has executed or died. */
	int sync;
	uint32_t point;
	bool sync_ended;
	uint64_t oom_kills;

	/* The container's output (1, 2) and input; with a pty all are its master. */
	int outputs[2];
	int input;
	struct queue input_queue;
	bool input_ends, outputs_closed;
	/* Attachments that output waits for. */
	unsigned hold;
	struct log log;

	int dns;
	struct dns_query queries[MAX_DNS_QUERIES];
	uint32_t next_query;
};

/* shim.c */
_Noreturn void shim_main(int connection, const struct plan *plan);
long shim_wait(struct shim *shim, enum goal goal);
bool shim_init_failed(const struct shim *shim);

/* shim_clients.c */
void clients_init(struct shim *shim, int connection);
void client_accept(struct shim *shim);
void client_read(struct shim *shim, struct client *client);
void client_flush(struct shim *shim, struct client *client);
void client_close(struct shim *shim, struct client *client);
/* Ends `corked`. */
void clients_flush(struct shim *shim);
void client_send(struct shim *shim, struct client *client, uint8_t type, const void *data, size_t size, const void *more,
		 size_t more_size);
/* Sends to every client that is no attachment. */
void clients_tell(struct shim *shim, uint8_t type, const void *data, size_t size);
bool clients_output_full(const struct shim *shim);
bool clients_pending(const struct shim *shim);
bool clients_attached(const struct shim *shim);
/* Tells every attachment that nothing more comes, and ends the other connections. */
void clients_finish(struct shim *shim);

/* shim_report.c: frames about the plan's progress. */
void report_new(struct shim *shim);
void report_state(struct shim *shim, struct client *client);
void report_failure(struct shim *shim, uint8_t role, uint32_t step, uint16_t op, uint32_t error);
long send_reports(int fd, uint8_t role, const struct step_report *reports, uint32_t first, uint32_t count);
/* Makes the message that send_failure sends. */
void make_failure(uint8_t message[FRAME_HEADER + FAILURE_SIZE], uint8_t role, uint32_t step, uint16_t op, uint32_t error);
long send_failure(int fd, uint8_t role, uint32_t step, uint16_t op, uint32_t error);

/* shim_streams.c */
void stream_read(struct shim *shim, unsigned stream, unsigned chunks);
void stream_drain(struct shim *shim);
void input_write(struct shim *shim);
void input_end(struct shim *shim);
bool input_full(const struct shim *shim);
void outputs_close(struct shim *shim);
void dns_read(struct shim *shim);
void dns_reply(struct shim *shim, const uint8_t *data, size_t size);

/* shim_record.c */
/* Count of `oom_kill` in a memory.events file; 0 when there is none. */
uint64_t read_oom_kills(const char *path);
/* The exit record as JSON; returns its length. */
size_t format_exit(const struct shim *shim, char *out, size_t size);
/* Adds to the record whether the steps after the exit have succeeded; returns its new length. */
size_t complete_exit(char *json, size_t length, size_t size, bool cleaned_up);
long write_exit_record(const struct shim *shim, const char *json, size_t size);
