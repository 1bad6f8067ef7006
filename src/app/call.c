/* SPDX-License-Identifier: Apache-2.0 */
#include "app/call.h"

#include "format/format.h"

att_status call_no_image(struct app_call *call, const char *path)
{
    size_t ending;
    if (!path || !format_by_name(path, &ending)) return ATT_OK;
    return err_usage(call->e,
        "%s has the name of an image, but the output is no image; choose another name", path);
}
