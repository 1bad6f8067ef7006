/* SPDX-License-Identifier: Apache-2.0 */
/* attunet: train Attention U-Nets (arXiv 1804.03999) and run them, in 2D and 3D.
 *
 * This is the whole public interface of libattunet.  Text in (option names and values, paths), text out (JSON), arrays of float for
 * callers that hold images in memory.  Every function that can fail returns an att_status; the sentence that explains it is
 * att_context_error().  The library never prints, exits or aborts.
 *
 * Threads: a context belongs to one thread at a time.  A model may be shared by any number of contexts once it is loaded. */
#ifndef ATTUNET_H
#define ATTUNET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ATT_API __attribute__((visibility("default")))
#else
#define ATT_API
#endif

#define ATT_VERSION "0.1.0"

/* Results; the command's exit codes are the same numbers, for ever. */
typedef enum att_status {
    ATT_OK = 0,
    ATT_FAILED = 1,      /* an error of attunet itself: please report it */
    ATT_USAGE = 2,       /* unknown command or option, value out of range */
    ATT_DATA = 3,        /* an image, label or data set cannot be used as it is */
    ATT_MEMORY = 4,      /* out of memory, or more than the limit asked for */
    ATT_INTERRUPTED = 5, /* stopped by a signal or a stop file; the state is saved */
    ATT_IO = 6,          /* a file cannot be read or written: missing, no permission, disk full */
    ATT_MODEL = 7        /* a model file or network spec cannot be used */
} att_status;

typedef struct att_context att_context;

#ifdef __cplusplus
}
#endif

#endif
