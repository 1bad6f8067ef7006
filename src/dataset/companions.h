/* SPDX-License-Identifier: Apache-2.0 */
/* Files that belong to an image without being one: those in which the samples of a header lie
 * (.img, .raw, .zraw, ...), and that with the spacing of a TIFF stack. */
#ifndef DATASET_COMPANIONS_H
#define DATASET_COMPANIONS_H

#include "files/file.h"

/* The path of the file beside one image, fresh, or NULL: there is none, it is not there, or the
 * image cannot be read; who reads the image reports that. */
att_status companions_of(const char *path, char **beside, struct err *e);

/* All of those that the headers in one folder name. */
struct beside {
    char **path;
    int count;
};
att_status companions_list(
    const char *folder, const struct file_list *names, struct beside *b, struct err *e);
bool companions_has(const struct beside *b, const char *folder, const char *name);
void companions_free(struct beside *b);

#endif
