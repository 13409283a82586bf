/* The engine's connection that carries those of its plans. */
#pragma once

#include "common.h"

/*
 * Serves a connection of frames: channel (u32), length (u32), bytes. The first bytes of a channel are a plan message and
 * start a process that serves it (`serve`), the others belong to that process's connection; length 0 ends the channel.
 * The engine opens one socket so, and not one for each plan and process, which cost it more than the plans do.
 */
struct link_service {
	/* Called in this process with the first bytes: returns a descriptor above 7 that the new process keeps, or -1. */
	int (*prepare)(struct blob message);
	void (*serve)(int connection, struct blob message);
};

_Noreturn void link_main(int connection, struct link_service service);
