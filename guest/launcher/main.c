/* launcher: init of the guest, server of plans, shim of containers. ARCHITECTURE.md, "Processes of a container". */
#include "common.h"
#include "init.h"
#include "repair.h"
#include "serve.h"

#include <string.h>

int main(int argc, char **argv) {
	static const char usage[] = "usage: launcher init | serve [--socket PATH] | repair\n";
	const char *verb = argc > 1 ? argv[1] : "";
	if (strcmp(verb, "init") == 0) return init_main();
	if (strcmp(verb, "serve") == 0) return serve_main(argc, argv);
	if (strcmp(verb, "repair") == 0) return repair_main();
	write_all(2, usage, sizeof usage - 1);
	return 64;
}
