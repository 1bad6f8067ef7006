/* SPDX-License-Identifier: Apache-2.0 */
/* What a folder without pairs holds that attunet does not read, such as outlines in JSON files. */
#pragma once

#include <stddef.h>

#include "base/status.h"

/* Why a folder without any reading has none, such as DICOM files; "" if there is nothing to say. */
att_status unread_files_say(const char *root, char *text, size_t size, struct err *e);
