/* SPDX-License-Identifier: Apache-2.0 */
/* Files that belong to an image but are not one: the samples of a header (.img, .raw, .zraw, ...),
 * and the spacing of a TIFF stack. */
#pragma once

#include "files/file.h"

/* Fresh path of an image's companion, or NULL if none exists or the image cannot be read. */
att_status companions_of(const char *path, char **companion, struct err *e);

/* Whether two images are copies of one file: of equal headers, the samples count. */
bool companions_copied(const char *a, const char *b);

/* All companions named by the headers in a folder. */
struct companions {
    char **path;
    int count;
};
att_status companions_list(
    const char *folder, const struct file_list *names, struct companions *b, struct err *e);
bool companions_has(const struct companions *b, const char *folder, const char *name);
void companions_free(struct companions *b);
