#pragma once

/* Listens on a unix stream socket, mode 0600, in place of whatever had that path. */
long listen_unix(const char *path);
