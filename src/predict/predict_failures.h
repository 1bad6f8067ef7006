/* SPDX-License-Identifier: Apache-2.0 */
/* Images that could not be predicted while others are; for predict_files.c. */
#pragma once

#include <jansson.h>

#include "base/host.h"
#include "base/status.h"

struct failures {
    att_status first;
    int count;
    json_t *sentences;
};

/* Whether other images may still succeed: this one is damaged, missing or too large. */
bool failure_is_of_image(att_status status, bool loading);
void failures_add(struct failures *f, const struct err *cause);
/* ATT_OK without failures; else the status of the first, and its sentence if it is the only one.
 * Several are logged one by one. all: number of images. Frees the list. */
att_status failures_end(
    struct failures *f, int all, const char *folder, struct host *host, struct err *e);

void failures_free(struct failures *f);
