/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the results of comparing policies: JSON, CSV and a chart. */
#pragma once

#include "measure/policies.h"

/* Writes policies.json (policies_report), policies.csv (a row per case, method and k; case "mean"
 * first) and policies.svg into an existing folder. */
att_status policies_write(const struct policies *p, const char *folder, struct err *e);
