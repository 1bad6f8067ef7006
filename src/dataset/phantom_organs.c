#include "dataset/phantom.h"
const struct phantom phantom_organs = {.kind = "organs", .ending = ".nii.gz", .make = NULL};
