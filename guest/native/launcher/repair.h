#ifndef PORTHOLE_REPAIR_H
#define PORTHOLE_REPAIR_H

/* `launcher repair`: serves the console's port 2 until it fails; init restarts it. Answers an exit status. */
int repair_main(void);

#endif
