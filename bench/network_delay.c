/* SPDX-License-Identifier: Apache-2.0 */
/* A link with delay between two network namespaces, for kernels without netem (bench/network.sh).
 *
 *   network_delay NAMESPACE NAMESPACE MICROSECONDS
 *
 * makes the interface link1 in the first and link2 in the second, and carries packets until it is
 * killed. Each packet leaves MICROSECONDS after it came; one that finds the queue full is dropped,
 * as a switch does. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { PACKETS = 1024, MOST = 32768 /* bytes of a packet; network.sh sets the MTU below it */ };

struct packet {
    struct timespec due;
    ssize_t bytes;
    char data[MOST];
};

struct way {
    int from, to;
    long delay; /* nanoseconds */
    sem_t come, room;
    struct packet *ring;
};

static void *take(void *arg)
{
    struct way *w = arg;
    char spare[MOST];
    for (unsigned at = 0;;) {
        const bool room = sem_trywait(&w->room) == 0;
        struct packet *p = &w->ring[at % PACKETS];
        const ssize_t bytes = read(w->from, room ? p->data : spare, MOST);
        if (bytes <= 0) {
            if (room) sem_post(&w->room);
            if (errno != EINTR) return NULL;
            continue;
        }
        if (!room) continue;
        p->bytes = bytes;
        clock_gettime(CLOCK_MONOTONIC, &p->due);
        p->due.tv_nsec += w->delay;
        p->due.tv_sec += p->due.tv_nsec / 1000000000;
        p->due.tv_nsec %= 1000000000;
        at++;
        sem_post(&w->come);
    }
}

static void *give(void *arg)
{
    struct way *w = arg;
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    for (unsigned at = 0;; at++) {
        while (sem_wait(&w->come)) continue;
        const struct packet *p = &w->ring[at % PACKETS];
        if (w->delay) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &p->due, NULL);
        /* A receiver that is full loses the packet. */
        if (write(w->to, p->data, (size_t)p->bytes) < 0 && errno == EBADFD) return NULL;
        sem_post(&w->room);
    }
}

/* The interface `name` of a namespace, or -1. */
static int interface_in(const char *space, const char *name)
{
    char path[256];
    struct ifreq wanted = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    snprintf(path, sizeof path, "/run/netns/%s", space);
    snprintf(wanted.ifr_name, sizeof wanted.ifr_name, "%s", name);
    const int there = open(path, O_RDONLY | O_CLOEXEC);
    if (there < 0 || setns(there, CLONE_NEWNET)) return -1;
    close(there);
    const int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    return fd >= 0 && ioctl(fd, TUNSETIFF, &wanted) == 0 ? fd : -1;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: network_delay NAMESPACE NAMESPACE MICROSECONDS\n", stderr);
        return 2;
    }
    const int first = interface_in(argv[1], "link1"), second = interface_in(argv[2], "link2");
    if (first < 0 || second < 0) {
        perror("network_delay: no interface (it needs root, /dev/net/tun and both namespaces)");
        return 1;
    }
    struct way ways[2] = {{.from = first, .to = second}, {.from = second, .to = first}};
    pthread_t thread[4];
    for (int i = 0; i < 2; i++) {
        struct way *w = &ways[i];
        w->delay = 1000 * atol(argv[3]);
        w->ring = malloc(PACKETS * sizeof *w->ring);
        if (!w->ring || sem_init(&w->come, 0, 0) || sem_init(&w->room, 0, PACKETS) ||
            pthread_create(&thread[2 * i], NULL, take, w) ||
            pthread_create(&thread[2 * i + 1], NULL, give, w)) {
            fputs("network_delay: not enough memory or threads\n", stderr);
            return 1;
        }
    }
    for (int i = 0; i < 4; i++) pthread_join(thread[i], NULL);
    return 1;
}
