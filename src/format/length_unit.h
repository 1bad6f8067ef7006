/* SPDX-License-Identifier: Apache-2.0 */
/* Units of length in headers. */
#pragma once

struct length_unit {
    double mm;
    const char *plural;
};

/* NULL if not a length, such as "pixel". "inch" is not one either: ImageJ derives it from the
 * default resolution of other programs. */
const struct length_unit *length_unit_find(const char *name);
