/* What the parts of the client share. */
#pragma once

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/* Writes some of the output to 1 or 2, as much as poll's word is good for, and returns how much. */
size_t write_some(int descriptor, const unsigned char *data, size_t length);
/* Ends the client as a program ends that writes into a closed pipe: nobody reads its output any more. */
void output_lost(void) __attribute__((noreturn));

/* --- attach.c: the process that the client reads and feeds by its shim's own socket --- */

/* How an attachment ended: ATTACH_ENDED's byte. */
enum attach_end { ATTACH_OUTPUT_ENDED = 0, ATTACH_DETACHED = 1, ATTACH_UNREACHABLE = 2 };

/* Takes an ATTACH message of cli-protocol.ts. Returns the end when there is one at once, or -1. */
int attach_open(const unsigned char *message, size_t length);
/* Says what to wait for: the shim's socket, the descriptor that output is for, stdin. */
void attach_watch(struct pollfd polled[3]);
/* Does what poll found possible. Returns the end, or -1 while there is none. */
int attach_serve(const struct pollfd polled[3]);
/* Connects once more to the shim of the attachment. Returns the descriptor, or -1 when there is no attachment or no shim. */
int attach_connect(void);

/* --- pipe.c: stdin or stdout joined with a named pipe --- */

/* The most that one message of stdin brings: what a pipe holds. */
#define READ_BYTES 65536
/* The most that pipeStdin says was read before: one read, and less than 512 bytes of those before it. */
#define PIPE_AHEAD (READ_BYTES + 512)

/* How it ended: the first byte of pipeEnded. */
enum pipe_end { PIPE_WHOLE = 0, PIPE_BROKEN = 1 };

/* Take PIPE_STDIN and PIPE_STDOUT of cli-protocol.ts; one at a time. Return -1 when the pipe cannot be had. */
int pipe_stdin(const unsigned char *message, size_t length);
int pipe_stdout(const unsigned char *message, size_t length);
/* Says what to wait for: bytes, and room for them. */
void pipe_watch(struct pollfd polled[2]);
/* Does what poll found possible. Returns the end, or -1 while there is none. */
int pipe_serve(const struct pollfd polled[2]);
/* Bytes of the last pipe. */
uint64_t pipe_moved(void);
/* Takes away the name of a pipe that nobody has opened yet: the client leaves. */
void pipe_forget(void);

/* --- orphan.c: the client goes on without an engine --- */

/* Returns -1 when the client is not attached: then there is nothing to go on with. */
int orphan_begin(void);
void orphan_signal(unsigned char number);
/* RESIZE's payload, which is the shim's too. */
void orphan_resize(const unsigned char size[4]);
void orphan_watch(struct pollfd *polled);
/* Returns the process's exit code, -1 while it is not known, and ORPHAN_LOST when the shim has left without telling it. */
int orphan_serve(const struct pollfd *polled);
#define ORPHAN_LOST (-2)
