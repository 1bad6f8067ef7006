/* SPDX-License-Identifier: Apache-2.0 */
/* Reads images as the library does, for bench/peers/read: a line of standard input is the path of
 * a list of files, and gets a line with the seconds that reading all of them took. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "format/format.h"

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* False: a file could not be read. */
static bool read_list(const char *list)
{
    char path[4096];
    FILE *f = fopen(list, "r");
    while (f && fgets(path, sizeof path, f)) {
        struct err e = {0};
        struct image m;
        path[strcspn(path, "\n")] = 0;
        if (format_load_image(path, &m, &e) != ATT_OK) {
            fprintf(stderr, "%s\n", e.text);
            fclose(f);
            return false;
        }
        image_free(&m);
    }
    if (f) fclose(f);
    return f != NULL;
}

int main(void)
{
    char list[4096];
    while (fgets(list, sizeof list, stdin)) {
        list[strcspn(list, "\n")] = 0;
        double begun = now(CLOCK_MONOTONIC), worked = now(CLOCK_PROCESS_CPUTIME_ID);
        if (!read_list(list)) return 1;
        printf("%.6f %.6f\n", now(CLOCK_MONOTONIC) - begun, now(CLOCK_PROCESS_CPUTIME_ID) - worked);
        fflush(stdout);
    }
    return 0;
}
