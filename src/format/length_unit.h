/* SPDX-License-Identifier: Apache-2.0 */
/* Units of length as headers name them. */
#ifndef FORMAT_LENGTH_UNIT_H
#define FORMAT_LENGTH_UNIT_H

struct length_unit {
    double mm;
    const char *plural;
};

/* NULL: it is none, such as "pixel". ImageJ's "inch" is none either: it is what ImageJ makes of the
 * resolution that programs fill in unasked. */
const struct length_unit *length_unit_find(const char *name);

#endif
