/* SPDX-License-Identifier: Apache-2.0 */
/* The page at /, whose files the assembler puts into the program; a build without the viewer
 * (-DATTUNET_VIEWER=ON) has none. */
#include <string.h>

#include "server.h"

#ifdef ATT_VIEWER
#define PAGE_FILE(name, path)                                                                      \
    __asm__(".pushsection .rodata\n.global page_" #name "\npage_" #name ":\n.incbin \"" path       \
            "\"\n.global page_" #name "_end\npage_" #name "_end:\n.byte 0\n.popsection\n");        \
    extern const char page_##name[], page_##name##_end[]
PAGE_FILE(html, PAGE_FOLDER "/page.html");
PAGE_FILE(css, PAGE_FOLDER "/page.css");
PAGE_FILE(js, PAGE_FOLDER "/page.js");
PAGE_FILE(grid, PAGE_FOLDER "/volume.js");
PAGE_FILE(niivue, PAGE_NIIVUE);
#endif

bool page_get(struct request *r)
{
#ifdef ATT_VIEWER
    static const struct {
        const char *path, *type, *begin, *end;
    } files[] = {{"", "text/html; charset=utf-8", page_html, page_html_end},
        {"page.css", "text/css", page_css, page_css_end},
        {"page.js", "text/javascript", page_js, page_js_end},
        {"volume.js", "text/javascript", page_grid, page_grid_end},
        {"niivue.js", "text/javascript", page_niivue, page_niivue_end}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const size_t size = (size_t)(files[i].end - files[i].begin);
        if (strcmp(files[i].path, page_path(r)) != 0 || !bytes_room(&r->answer.text, size))
            continue;
        memcpy(r->answer.text.data, files[i].begin, size);
        r->answer.text.used = size;
        r->answer.status = 200;
        r->answer.type = files[i].type;
        return true;
    }
    answer_error(&r->answer, 503, "out of memory; try again later");
#else
    answer_error(&r->answer, 404,
        "this attunet-serve was built without the page; docs/serve.md lists the other paths");
#endif
    return true;
}

bool page_there(void)
{
#ifdef ATT_VIEWER
    return true;
#else
    return false;
#endif
}
