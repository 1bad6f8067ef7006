/* SPDX-License-Identifier: Apache-2.0 */
/* How fast this machine multiplies and adds float32 right now, for `compare`, which runs it before
 * and after every row.
 *
 *   peak THREADS...
 *
 * prints, for each number of threads, that number and GFLOP/s: the median of many looks of some
 * milliseconds, so that a neighbour who takes processor time is seen. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../peak.h"

enum { TURNS = 1000000, LOOKS = 61, MOST_THREADS = 256 };

struct peak {
    int lanes;
    pthread_barrier_t begin, end;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *work(void *arg)
{
    struct peak *p = arg;
    for (int i = 0; i < LOOKS; i++) {
        pthread_barrier_wait(&p->begin);
        peak_run(p->lanes, TURNS);
        pthread_barrier_wait(&p->end);
    }
    return NULL;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Seconds of a look by `threads` threads, this one among them; 0 when they cannot be had. */
static double look(struct peak *p, int threads)
{
    pthread_t id[MOST_THREADS];
    double seconds[LOOKS];
    if (pthread_barrier_init(&p->begin, NULL, (unsigned)threads) ||
        pthread_barrier_init(&p->end, NULL, (unsigned)threads))
        return 0;
    for (int i = 1; i < threads; i++)
        if (pthread_create(&id[i], NULL, work, p)) return 0;
    for (int i = 0; i < LOOKS; i++) {
        pthread_barrier_wait(&p->begin);
        double start = now();
        peak_run(p->lanes, TURNS);
        pthread_barrier_wait(&p->end);
        seconds[i] = now() - start;
    }
    for (int i = 1; i < threads; i++) pthread_join(id[i], NULL);
    qsort(seconds, LOOKS, sizeof *seconds, by_value);
    return seconds[LOOKS / 2];
}

int main(int argc, char **argv)
{
    struct peak p = {.lanes = peak_lanes()};
    if (!p.lanes || argc < 2) {
        fputs(argc < 2 ? "usage: peak THREADS...\n"
                       : "peak: this machine has neither AVX-512 nor AVX2 with FMA\n",
            stderr);
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        int threads = atoi(argv[i]);
        double seconds = threads >= 1 && threads <= MOST_THREADS ? look(&p, threads) : 0;
        if (seconds <= 0) {
            fprintf(stderr, "peak: no %s threads\n", argv[i]);
            return 1;
        }
        printf("%d %.2f\n", threads, 2.0 * p.lanes * PEAK_SUMS * TURNS * threads / seconds / 1e9);
    }
    return 0;
}
