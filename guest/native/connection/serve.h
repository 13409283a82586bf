#pragma once

/* `launcher serve [--socket PATH]`: listens and forks a process per connection, which executes that connection's plan. */
int serve_main(int argc, char **argv);
