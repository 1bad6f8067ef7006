/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of a prediction, most of them once. */
#ifndef PREDICT_SAY_H
#define PREDICT_SAY_H

#include "dataset/dataset.h"
#include "predict/predict_files.h"

/* Images with something in common. */
struct strays {
    int count;
    char first[256];
};

/* Of the images so far: what they have taken together, and what has been said. */
struct said {
    int64_t windows, passes;
    double seconds;
    bool said[2];         /* that a plane meets a 3D network, that a volume meets a 2D one */
    bool turned, oblique; /* that an image is turned, that it lies otherwise and is not */
    bool unknown; /* that an image does not say how large its voxels are, where the model knows */
    struct strays brought,
        left; /* of voxels unlike those of training: to the model's voxels; as they are */
    struct strays flattened; /* by normalising */
    bool poor, sure;         /* that --share has room for no tile, that --cost leaves one at most */
    bool covered, dear, few; /* that a tile covers all of an image, that tiles cost more than all of
                                it, that there are fewer than wanted */
};

/* How many of the images trained the models, as far as the job knows: what comes of those is no
 * test. */
void say_learnt(const struct predict_job *j, const struct dataset *d);
/* Before the first image: how many passes a window takes, if it is more than one. */
void say_plan(const struct predict_job *j);
/* Of an image that has been predicted: what is unlike training, what post-processing took away,
 * what takes the sense out of tiles. */
void say_case(const struct predict_job *j, const char *name, const struct image *m,
    const struct prediction *r, struct said *c);
/* The same of an image that a caller holds, each time: ATT_DOUBT_... that there are. */
int say_held(const struct predict_job *j, const char *name, const struct image *m,
    const struct prediction *r);
/* Of an image whose voxels are of another size than those that the (first) model learnt from: what
 * was done about it. Returns whether it is. told: their size was given beside the image, and not by
 * its header. */
bool say_stray(struct host *host, const char *name, const struct model *model, bool told,
    const struct prediction *r);
/* After the last: what the passes took, if they were more than windows; how many strayed, if
 * several did. */
void say_cost(const struct predict_job *j, const struct said *c);

#endif
