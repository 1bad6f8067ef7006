/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_failures.h"

#include "base/json.h"
#include "base/text.h"
#include "files/dry_run.h"

/* A read error is the image's; a write error would hit the next image, too. */
bool failure_is_of_image(att_status status, bool loading)
{
    return status == ATT_DATA || status == ATT_MEMORY || (status == ATT_IO && loading);
}

void failures_add(struct failures *f, const struct err *cause)
{
    if (!f->count++) f->first = cause->status;
    if (!f->sentences) f->sentences = json_array();
    json_array_append_new(f->sentences, json_utf8(cause->text));
}

att_status failures_end(
    struct failures *f, int all, const char *folder, struct host *host, struct err *e)
{
    size_t i;
    json_t *sentence;
    const int others = all - f->count;
    const char *first = json_string_value(json_array_get(f->sentences, 0));
    const char *verb = is_dry_run(host) ? "would be"
        : others == 1                   ? "is"
                                        : "are",
               *plural = TEXT_S(others);
    att_status status = f->count ? f->first : ATT_OK;
    if (f->count == 1 && !others)
        err_set(e, status, "%s", first ? first : "an image could not be predicted");
    if (f->count == 1 && others)
        err_set(e, status, "%.800s; the other %d image%s %s predicted into %s",
            first ? first : "an image could not be predicted", others, plural, verb, folder);
    if (f->count > 1 || !e) { /* without e, the caller reports what ended the work */
        json_array_foreach(f->sentences, i, sentence)
            host_say(host, LOG_ERROR, "%s", json_string_value(sentence));
    }
    if (f->count > 1) {
        if (others == 0)
            err_set(e, status, "none of the %d images could be predicted, see above", all);
        else
            err_set(e, status,
                "%d of %d images could not be predicted, see above; the other %d %s predicted "
                "into %s",
                f->count, all, others, verb, folder);
    }
    failures_free(f);
    return status;
}

void failures_free(struct failures *f)
{
    json_decref(f->sentences);
    *f = (struct failures){.first = ATT_OK};
}
