/* SPDX-License-Identifier: Apache-2.0 */
/* Messages name the series and labels of a data set, not what was made of them. */
#pragma once

/* The text with files of hidden folders (converted.h) replaced by what they were made of: a new
 * string, or NULL if it names no such folder. */
char *converted_named(const char *text);
