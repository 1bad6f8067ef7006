/* SPDX-License-Identifier: Apache-2.0 */
/* Names and lengths of units; for tiff_axes.c and nrrd_header.c. */
#include "format/length_unit.h"

#include <stddef.h>
#include <string.h>

const struct length_unit *length_unit_find(const char *name)
{
    static const struct {
        struct length_unit unit;
        const char *names[9];
    } units[] = {
        {{1e-7, "angstroms"}, {"\xc3\x85", "\xe2\x84\xab"}},
        {{1e-6, "nanometres"}, {"nm", "nanometer"}},
        {{1e-3, "micrometres"},
            {"um", "micron", "microns", "micrometer", "\\u00B5m", "\xc2\xb5m", "\xce\xbcm",
                "\xb5m"}},
        {{1, "millimetres"}, {"mm", "millimeter"}},
        {{10, "centimetres"}, {"cm", "centimeter"}},
        {{25.4, "inches"}, {"in"}},
        {{1000, "metres"}, {"m", "meter"}},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        for (const char *const *n = units[i].names; *n; n++)
            if (strcmp(name, *n) == 0) return &units[i].unit;
    return NULL;
}
