/* SPDX-License-Identifier: Apache-2.0 */
/* Words that people mistype: how far apart two are; for names of options, commands and cases. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/* Edit distance where a swap of neighbours counts as one and '_' equals '-', of at most 255 bytes of each. */
int text_distance(const char *a, const char *b);
/* The smallest distance at which another word is no longer taken for this one misspelt. */
int text_too_far(const char *word);

#endif
