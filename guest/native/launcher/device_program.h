/* Programs that guard a cgroup's devices (cgroup-v2.rst, Device controller). */
#pragma once

#include "common.h"

/* Loads the program, unless it is the one that is kept, and returns a descriptor of it that is the caller's. */
long device_program_take(struct blob program);
/*
 * Loads and keeps the program in place of the one that was kept, for processes that this one forks: the kernel's check of a
 * program takes longer than all else that a container's cgroup needs. Returns the descriptor that they must leave open, or -1.
 */
int device_program_keep(struct blob program);
