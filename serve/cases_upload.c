/* SPDX-License-Identifier: Apache-2.0 */
/* Images that come into the datastore: those that clients send, and volumes of DICOM series. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases_list.h"

static bool same_bytes(const char *path, const void *data, size_t size)
{
    struct stat info;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool same = fd >= 0 && fstat(fd, &info) == 0 && (size_t)info.st_size == size;
    char block[1 << 14];
    for (size_t done = 0; same && done < size;) {
        const ssize_t n = read(fd, block, sizeof block);
        same = n > 0 && (size_t)n <= size - done &&
            memcmp(block, (const char *)data + done, (size_t)n) == 0;
        if (n > 0) done += (size_t)n;
    }
    if (fd >= 0) close(fd);
    return same;
}

/* An image that has no label may be sent again, as one of the same format. */
static enum cases_end upload_again(
    struct cases *s, struct entry *e, const void *data, size_t size, const char *ending)
{
    const char *base = strrchr(e->images[0], '/') + 1;
    const bool labelled = e->label && access(e->label, F_OK) == 0;
    if (same_bytes(e->images[0], data, size)) return CASES_DONE;
    if (labelled || !e->uploaded || strcmp(base + cases_stem(base), ending) != 0)
        return CASES_TAKEN;
    e->doubt = NAN;
    return cases_replace_file(s, cases_listed_path(s, e->images[0]), data, size) ? CASES_DONE
                                                                                 : CASES_FAILED;
}

static json_t *listed_images(json_t *root)
{
    json_t *ours = json_object_get(root, "attunet"), *images = json_object_get(ours, "images");
    if (!images) json_object_set_new(ours, "images", images = json_object());
    return images;
}

/* Lists an image that is in memory, if somebody has removed the list or put an older one there. */
static bool list_again(const struct cases *s, json_t *root, const struct entry *e)
{
    json_t *images = listed_images(root);
    if (!e->uploaded || json_object_get(images, e->key)) return true;
    json_object_set_new(images, e->key,
        json_pack("{s:s, s:s}", "name", e->name, "image", cases_listed_path(s, e->images[0])));
    return cases_write_list(s, root);
}

/* Whether the list, the memory or the disk has files of this name. */
static bool key_is_taken(const struct cases *s, json_t *root, const char *key)
{
    static const char *const folders[] = {"images", "labels"};
    bool taken = json_object_get(listed_images(root), key) || cases_used_key(root, key);
    for (int i = 0; i < s->count && !taken; i++)
        taken = s->list[i]->key && strcmp(s->list[i]->key, key) == 0;
    for (int i = 0; i < 2 && !taken; i++) {
        char *folder = cases_in_folder(s, folders[i]),
             *file = folder ? cases_file_of(folder, key) : NULL;
        taken = file != NULL;
        free(folder);
        free(file);
    }
    return taken;
}

/* Under the lock of the folder. */
static enum cases_end upload_new(struct cases *s, json_t *root, const char *name, const void *data,
    size_t size, const char *ending)
{
    json_t *images = listed_images(root);
    char key[24], path[64];
    int made = 0; /* so that it writes over no file that comes at the same time */
    for (size_t i = json_object_size(images) + 1; !made; i++) {
        snprintf(key, sizeof key, "image_%04zu", i);
        snprintf(path, sizeof path, "images/%s%.15s", key, ending);
        made = key_is_taken(s, root, key) ? 0 : cases_new_file(s, path);
    }
    if (made < 0) return CASES_FAILED;
    struct entry *e = cases_new_upload(s, name, key, path);
    json_object_set_new(images, key, json_pack("{s:s, s:s}", "name", name, "image", path));
    const bool good = e && cases_replace_file(s, path, data, size) && cases_write_list(s, root);
    if (good && cases_append(s, e)) return CASES_DONE;
    if (!good) cases_remove_file(s, path); /* it is not listed */
    cases_entry_free(e);
    return CASES_FAILED;
}

enum cases_end cases_upload(
    struct cases *s, const char *name, const void *data, size_t size, const char *ending)
{
    enum cases_end end = CASES_FAILED;
    errno = 0;
    pthread_mutex_lock(&s->lock);
    const int index = cases_index_of(s, name);
    const int lock = cases_lock_folder(s, "images");
    json_t *root = lock >= 0 ? cases_read_list(s) : NULL;
    if (root && index >= 0)
        end = upload_again(s, s->list[index], data, size, ending);
    else if (root)
        end = upload_new(s, root, name, data, size, ending);
    if (end == CASES_DONE && index >= 0 && !list_again(s, root, s->list[index])) end = CASES_FAILED;
    const int why = errno;
    json_decref(root);
    if (lock >= 0) close(lock);
    pthread_mutex_unlock(&s->lock);
    errno = why;
    return end;
}

bool cases_series(struct cases *s, const char *uid, const char *key)
{
    char path[64];
    snprintf(path, sizeof path, "images/%.40s.nii.gz", key);
    pthread_mutex_lock(&s->lock);
    bool good = cases_index_of(s, uid) >= 0;
    struct entry *e = good ? NULL : cases_new_upload(s, uid, key, path);
    if (e) {
        e->uploaded = false;
        e->series = true;
        good = cases_take(e, s) && cases_append(s, e);
        if (!good) cases_entry_free(e);
    }
    pthread_mutex_unlock(&s->lock);
    return good;
}

enum cases_end cases_volume(struct cases *s, int index, const void *data, size_t size)
{
    enum cases_end end = CASES_FAILED;
    errno = 0;
    pthread_mutex_lock(&s->lock);
    struct entry *e = s->list[index];
    const int lock = cases_lock_folder(s, "images");
    if (lock >= 0 && e->label && access(e->label, F_OK) == 0) {
        end = CASES_TAKEN;
    } else if (lock >= 0) {
        e->doubt = NAN;
        if (cases_replace_file(s, cases_listed_path(s, e->images[0]), data, size)) end = CASES_DONE;
    }
    const int why = errno;
    if (lock >= 0) close(lock);
    pthread_mutex_unlock(&s->lock);
    errno = why;
    return end;
}
