/* SPDX-License-Identifier: Apache-2.0 */
/* What `attunet view` opens. */
#pragma once

#include "server.h"

/* A run with its validation cases, a model, a data set, or an image.  Fails with a sentence. */
att_status open_path(struct server *s, att_context *c, const char *path, char error[512]);
