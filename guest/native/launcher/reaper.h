/* docker-init: what `docker run --init` makes PID 1 of a container. */
#pragma once

/* argv: docker-init -- COMMAND ARG…; returns the command's exit status, 128 + signal when one ended it. */
int reaper_main(int argc, char **argv);
