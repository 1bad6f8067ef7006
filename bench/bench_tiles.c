/* SPDX-License-Identifier: Apache-2.0 */
/* Nanoseconds of a product of two bfloat16 tiles (AMX) with its loads from L1, by how many tiles a
 * loop uses. The least of many short looks, so that other processes do not count; what shares the
 * core does.
 *
 *   bench_tiles [TURNS]      print a line for each of so many turns (default: 5) */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/cpu.h"

enum { TILE = 512 /* numbers */, STEPS = 4, ROUNDS = 750, LOOKS = 12 };

static const struct {
    uint8_t palette, start_row, none[14];
    uint16_t bytes[16];
    uint8_t rows[16];
} shapes = {.palette = 1,
    .bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {16, 16, 16, 16, 16, 16, 16, 16}};

#define LOAD(tile, p)                                                                              \
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm" #tile : : "r"(p), "r"((ptrdiff_t)64) : "memory")
#define MULTIPLY(a, b, c)                                                                          \
    __asm__ volatile("tdpbf16ps %%tmm" #b ", %%tmm" #a ", %%tmm" #c ::: "memory")

static uint16_t numbers[2][STEPS * 4 * TILE];

/* Tiles 0 to 3 are sums. All begin as zeros, which is what a renamed tile is not. */
#define LOOP(name, products, ...)                                                                  \
    static double name(void)                                                                       \
    {                                                                                              \
        double least = 1e9;                                                                        \
        for (int look = 0; look < LOOKS; look++) {                                                 \
            __asm__ volatile("tilerelease\n\tldtilecfg %0" : : "m"(shapes));                       \
            const double start = clock_now();                                                      \
            for (int i = 0; i < ROUNDS * STEPS; i++) {                                             \
                const uint16_t *a = numbers[0] + i % STEPS * 4 * TILE,                             \
                               *b = numbers[1] + i % STEPS * 4 * TILE;                             \
                __VA_ARGS__                                                                        \
            }                                                                                      \
            const double each = (clock_now() - start) * 1e9 / (ROUNDS * STEPS * (products));       \
            if (each < least) least = each;                                                        \
        }                                                                                          \
        __asm__ volatile("tilerelease");                                                           \
        return least;                                                                              \
    }

LOOP(two_and_two, 4, LOAD(6, b); LOAD(4, a); MULTIPLY(4, 6, 0); LOAD(7, b + TILE);
     MULTIPLY(4, 7, 1); LOAD(5, a + TILE); MULTIPLY(5, 6, 2); MULTIPLY(5, 7, 3);)
LOOP(four_sums, 4, LOAD(5, b); LOAD(4, a); MULTIPLY(4, 5, 0); LOAD(4, a + TILE); MULTIPLY(4, 5, 2);
     LOAD(5, b + TILE); MULTIPLY(4, 5, 3); LOAD(4, a); MULTIPLY(4, 5, 1);)
LOOP(three_sums, 3, LOAD(5, b); LOAD(4, a); MULTIPLY(4, 5, 0); LOAD(4, a + TILE); MULTIPLY(4, 5, 1);
     LOAD(4, a + 2 * TILE); MULTIPLY(4, 5, 2);)
LOOP(two_sums, 2, LOAD(5, b); LOAD(4, a); MULTIPLY(4, 5, 0); LOAD(4, a + TILE); MULTIPLY(4, 5, 1);)

int main(int argc, char **argv)
{
    if (!cpu_matrix()) {
        fputs("bench_tiles: this machine has no AMX, or the system refuses it\n", stderr);
        return 1;
    }
    puts("ns of a product: 2+2 tiles, 4 sums | 1+1, 4 sums | 1+1, 3 sums | 1+1, 2 sums");
    for (int i = argc > 1 ? atoi(argv[1]) : 5; i > 0; i--)
        printf("%.1f | %.1f | %.1f | %.1f\n", two_and_two(), four_sums(), three_sums(), two_sums());
    return 0;
}
