/* SPDX-License-Identifier: Apache-2.0 */
/* Style of a page: light or dark by the system's setting, for screens from 320 pixels and for
 * paper. */
#pragma once

enum { HTML_STYLES = 5 };
extern const char *const html_style[HTML_STYLES]; /* CSS parts, in order */
