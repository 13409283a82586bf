/* launcher: init of the guest, server of plans, shim of containers. ARCHITECTURE.md, "Phase: boot" and "Phase: run". */
#include "common.h"
#include "init.h"
#include "reaper.h"
#include "repair.h"
#include "serve.h"

#include <string.h>

/* Containers see this program as /sbin/docker-init, and may use no other part of it. */
static bool is_docker_init(const char *name) {
	const char *slash = strrchr(name, '/');
	return strcmp(slash == NULL ? name : slash + 1, "docker-init") == 0;
}

int main(int argc, char **argv) {
	if (argc > 0 && is_docker_init(argv[0])) return reaper_main(argc, argv);
	static const char usage[] = "usage: launcher init | serve [--socket PATH] | repair\n";
	const char *verb = argc > 1 ? argv[1] : "";
	if (strcmp(verb, "init") == 0) return init_main();
	if (strcmp(verb, "serve") == 0) return serve_main(argc, argv);
	if (strcmp(verb, "repair") == 0) return repair_main();
	write_all(2, usage, sizeof usage - 1);
	return 64;
}
