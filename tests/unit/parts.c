/* SPDX-License-Identifier: Apache-2.0 */
/* The main of a program that holds the unit tests of a room: unit_ROOM test_NAME runs those of
 * test_NAME.c, which the build compiles with main_of_test_NAME for main.
 */
#include <stdio.h>
#include <string.h>

#define PART(name) int main_of_##name(void);
#include "parts.h" /* made by tests/CMakeLists.txt */
#undef PART

#define PART(name) {#name, main_of_##name},
static const struct {
    const char *name;
    int (*run)(void);
} parts[] = {
#include "parts.h"
};

int main(int argc, char **argv)
{
    const size_t count = sizeof parts / sizeof *parts;
    for (size_t i = 0; argc == 2 && i < count; i++)
        if (strcmp(parts[i].name, argv[1]) == 0) return parts[i].run();
    fprintf(stderr, "usage: %s TEST, one of:\n", argv[0]);
    for (size_t i = 0; i < count; i++) fprintf(stderr, "  %s\n", parts[i].name);
    return 2;
}
