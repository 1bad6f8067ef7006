/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of images and masks that nobody asked for, in a folder whose files pair by their names. */
#pragma once

#include "base/host.h"

/* Warns of each. */
att_status unread_list_warn(const char *root, struct host *host, struct err *e);
