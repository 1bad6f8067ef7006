/* SPDX-License-Identifier: Apache-2.0 */
/* Units of length in headers. */
#pragma once

/* mm per unit; 0 if not a length, such as "pixel". "inch" is not one either: ImageJ derives it from
 * the default resolution of other programs. */
double length_unit_mm(const char *name);
