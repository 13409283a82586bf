/*
 * launcher repair: the guest's end of web/src/vm/repair.ts, on the virtio console's port 2.
 *
 * A guest that comes out of a snapshot has the time, the random numbers and the MAC of the moment it was saved. The page
 * sends a record that puts them right, before it speaks to the engine. This process is started by init and does nothing
 * else, so it answers within a few milliseconds whatever state the engine is in.
 */
#include "repair.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The console is the second virtio device, after 9P. */
#define DEVICE "/dev/vport1p2"
#define MAGIC "PORTHOLE"
#define ENTROPY_SIZE 64

struct record {
	char magic[8];
	uint32_t number;
	int64_t milliseconds;
	uint8_t entropy[ENTROPY_SIZE];
	uint8_t mac[6];
	uint32_t crc;
} __attribute__((packed));

_Static_assert(sizeof(struct record) == 94, "web/src/vm/repair.ts: REPAIR_RECORD_SIZE");

/* CRC-32 as in zlib, bit by bit: 94 bytes are not worth a table. */
static uint32_t crc32(const uint8_t *bytes, size_t size)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/*
 * Fills `record` with the next one that is whole. Bytes from before a restore may come first, so the start is looked
 * for byte by byte; the checksum tells a record from anything that looks like one.
 */
static int read_record(int fd, struct record *record)
{
	uint8_t *bytes = (uint8_t *)record;
	size_t fill = 0;

	for (;;) {
		ssize_t got = read(fd, bytes + fill, sizeof(*record) - fill);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		fill += (size_t)got;
		if (fill < sizeof(*record))
			continue;
		if (memcmp(record->magic, MAGIC, sizeof(record->magic)) == 0 &&
		    record->crc == crc32(bytes, sizeof(*record) - sizeof(record->crc)))
			return 0;
		memmove(bytes, bytes + 1, --fill);
	}
}

static int set_clock(const struct record *record)
{
	struct timespec now = {
		.tv_sec = (time_t)(record->milliseconds / 1000),
		.tv_nsec = (long)(record->milliseconds % 1000) * 1000000L,
	};

	return clock_settime(CLOCK_REALTIME, &now);
}

/*
 * Adds the entropy and reseeds: added entropy waits in the input pool until the generator is reseeded from it
 * (random(4)).
 */
static int reseed(const struct record *record)
{
	/* struct rand_pool_info of <linux/random.h>, whose last member has no size. */
	struct {
		int entropy_count, buf_size;
		uint8_t bytes[ENTROPY_SIZE];
	} pool = { .entropy_count = ENTROPY_SIZE * 8, .buf_size = ENTROPY_SIZE };
	int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	int result;

	if (fd < 0)
		return -1;
	memcpy(pool.bytes, record->entropy, ENTROPY_SIZE);
	result = ioctl(fd, RNDADDENTROPY, &pool);
	if (result == 0)
		result = ioctl(fd, RNDRESEEDCRNG);
	close(fd);
	return result;
}

/* Succeeds on a machine without a network card. */
static int set_mac(const struct record *record)
{
	struct ifreq request = { .ifr_name = "eth0" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result;

	if (fd < 0)
		return -1;
	request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(request.ifr_hwaddr.sa_data, record->mac, sizeof(record->mac));
	result = ioctl(fd, SIOCSIFHWADDR, &request);
	close(fd);
	return result < 0 && errno == ENODEV ? 0 : result;
}

static void repair(int fd, const struct record *record)
{
	static const struct {
		const char *name;
		int (*run)(const struct record *);
	} steps[] = { { "clock", set_clock }, { "random", reseed }, { "mac", set_mac } };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i].run(record) < 0) {
			dprintf(fd, "failed %u %s %d\n", record->number, steps[i].name, errno);
			return;
		}
	}
	dprintf(fd, "repaired %u\n", record->number);
}

int repair_main(void)
{
	struct record record;
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		perror("launcher repair: " DEVICE);
		return 1;
	}
	dprintf(fd, "ready\n");
	while (read_record(fd, &record) == 0)
		repair(fd, &record);
	perror("launcher repair: reading " DEVICE);
	return 1;
}
