/* SPDX-License-Identifier: Apache-2.0 */
#include "format/length_unit.h"

#include <stddef.h>
#include <string.h>

double length_unit_mm(const char *name)
{
    static const struct {
        double mm;
        const char *names[9];
    } units[] = {
        {1e-7, {"\xc3\x85", "\xe2\x84\xab"}},
        {1e-6, {"nm", "nanometer"}},
        {1e-3,
            {"um", "micron", "microns", "micrometer", "\\u00B5m", "\xc2\xb5m", "\xce\xbcm",
                "\xb5m"}},
        {1, {"mm", "millimeter"}},
        {10, {"cm", "centimeter"}},
        {25.4, {"in"}},
        {1000, {"m", "meter"}},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        for (const char *const *n = units[i].names; *n; n++)
            if (strcmp(name, *n) == 0) return units[i].mm;
    return 0;
}
