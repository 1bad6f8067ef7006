/* SPDX-License-Identifier: Apache-2.0 */
/* For training and prediction. */
#include "base/limit.h"

#include <math.h>
#include <stdio.h>

const char *limit_text(double bytes, char text[LIMIT_TEXT])
{
    snprintf(
        text, LIMIT_TEXT, "`max-memory` %.0fMiB", ceil((bytes + LIMIT_NAMED_MORE) / (1 << 20)));
    return text;
}
