/* The hello-world image: one static program that says how it came to run. */
#include <unistd.h>

static const char message[] =
    "\n"
    "Hello from Porthole!\n"
    "This message shows that containers work in this page.\n"
    "\n"
    "To print it, Porthole took these steps:\n"
    " 1. The docker client asked the Porthole engine, over /run/docker.sock, for a container.\n"
    " 2. The engine found the \"hello-world\" image (386) in the page's content store,\n"
    "    or pulled it there from the images that came with the page.\n"
    " 3. The engine made a new container of that image: it wrote down a list of system calls,\n"
    "    and the launcher carried them out: namespaces, a cgroup, an overlay of the image's\n"
    "    layers, and at last execve of the program that writes what you are reading.\n"
    " 4. The engine streamed that output to the docker client, which sent it to your terminal.\n"
    "\n"
    "To try something more ambitious, run a shell in a Debian container:\n"
    " $ docker run -it debian bash\n"
    "\n"
    "All of it runs inside your browser: nothing was sent anywhere.\n"
    "\n";

int main(void) {
    const char *rest = message;
    size_t left = sizeof message - 1;
    while (left > 0) {
        ssize_t written = write(STDOUT_FILENO, rest, left);
        if (written <= 0) return 1;
        rest += written;
        left -= (size_t)written;
    }
    return 0;
}
