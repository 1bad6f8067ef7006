/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and pictures of runs. */
#pragma once

#include "train/pages.h"

extern const struct pages run_pages;

/* Its members in search_page.c and versus_page.c. */
att_status search_page(const struct tuning *t, const json_t *result, struct err *e);
att_status versus_page(const struct tuning *t, const json_t *result, struct err *e);
