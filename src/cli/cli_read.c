/* SPDX-License-Identifier: Apache-2.0 */
/* Read words into settings and arguments: --name value, --name=value, --no-name, -o value; -- ends
 * the flags. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* Where there are several ways to pair files, each has its line on a terminal. */
static bool begins_choice(const char *text, const char *at)
{
    static const char way[] = "`images` ", other[] = ", or ";
    const size_t before = sizeof other - 1;
    return strncmp(at, way, sizeof way - 1) == 0 && at > text + before &&
        (strncmp(at - 5, "give ", 5) == 0 || strncmp(at - before, other, before) == 0) &&
        strstr(text, ", or `images` ");
}

void cli_say(const char *text, FILE *to)
{
    const bool terminal = isatty(fileno(to));
    for (const char *at = text; *at; at++) {
        if (terminal && begins_choice(text, at)) fputs("\n  ", to);
        const char *end = at + 1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789-_");
        if (*at != '`' || *end != '`' || end == at + 1) { /* also in names of files */
            fputc(*at, to);
            continue;
        }
        fputs("--", to);
        while (++at < end) fputc(*at == '_' ? '-' : *at, to);
    }
}

const char *cli_spoken(const char *text, char spoken[CLI_SPOKEN])
{
    FILE *to = fmemopen(spoken, CLI_SPOKEN, "w");
    if (!to) return text;
    cli_say(text, to);
    fclose(to);
    spoken[CLI_SPOKEN - 1] = 0;
    return spoken;
}

att_status cli_fail(struct cli *c, att_status status, const char *format, ...)
{
    char text[4096];
    va_list args;
    progress_clear(&c->progress);
    if (status != ATT_MEMORY && cli_memory_lost())
        return cli_fail(c, ATT_MEMORY, "out of memory: cannot hold the settings or results");
    fflush(stdout); /* earlier output comes first */
    fprintf(stderr, c->progress.colour ? "\033[31mattunet:\033[0m " : "attunet: ");
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cli_say(text, stderr);
    fputc('\n', stderr);
    return status;
}

att_status cli_missing(struct cli *c)
{
    const char *name = c->command->arguments; /* "RUN|MODEL IMAGE... -o FOLDER" */
    for (int i = 0; i < c->count; i++) name += strcspn(name, " ") + 1;
    int length = (int)strcspn(name, " ");
    while (length > 1 && name[length - 1] == '.') length--;
    return cli_fail(c, ATT_USAGE, "the argument %.*s is missing; usage: attunet %s %s", length,
        name, c->command->name, c->command->arguments);
}

att_status cli_check(struct cli *c, att_status status)
{
    /* rank 0 prints the reason; another code, too, would make mpirun end it meanwhile */
    if (status == ATT_OK || (c->context && att_context_rank(c->context))) return ATT_OK;
    return cli_fail(c, status, "%s", c->context ? att_context_error(c->context) : "out of memory");
}

/* Bytes of JSON text that a control character takes here (in ASCII an escape such as \n or
 * \u001b); 0 if it is none. */
static int cli_read_control(const char *s)
{
    const unsigned char c = (unsigned char)*s, next = (unsigned char)s[1];
    if (c == '\\' && next && strchr("bfnrt", next)) return 2;
    if (c == '\\' && !strncmp(s + 1, "u00", 3) && (s[4] == '0' || s[4] == '1') && s[5]) return 6;
    if (c == 0xC2 && next >= 0x80 && next < 0xA0) return 2;
    return c == 0x7F;
}

/* Replace control characters, which a terminal would obey, with '?', as the library does. */
static void tame(char *json)
{
    char *to = json;
    for (const char *s = json; *s;) {
        const int length = cli_read_control(s);
        const int kept = length ? 0 : *s == '\\' && s[1] ? 2 : 1; /* an escaped backslash */
        if (length) *to++ = '?';
        for (int i = 0; i < kept; i++) *to++ = s[i];
        s += length ? length : kept;
    }
    *to = 0;
}

void cli_print_json(const struct cli *c, const char *key)
{
    const char *at = strchr(c->text, '{'), *rest = at ? at + 1 : c->text;
    if (at) {
        printf("%.*s\"%s\": ", (int)(rest - c->text), c->text, key);
        json_dumpf(c->progress.warnings, stdout, 0);
        if (rest[strspn(rest, " \n")] != '}') putchar(',');
    }
    fputs(rest, stdout);
}

att_status cli_take(struct cli *c, att_status status, json_t **json)
{
    json_error_t where;
    *json = NULL;
    status = cli_check(c, status);
    if (c->text && c->context && att_context_rank(c->context)) { /* rank 0 prints it */
        att_text_free(c->text);
        c->text = NULL;
    }
    if (c->text && c->json) cli_print_json(c, "warnings"); /* also what a failed command finished */
    if (c->text && !c->json) {
        tame(c->text);
        *json = cli_parse(c->text, &where);
        if (!*json)
            status = cli_fail(c, ATT_FAILED, "the result is not valid JSON: %s", where.text);
    }
    att_text_free(c->text);
    c->text = NULL;
    if (!*json || !json_object_get(*json, "would")) return status;
    print_dry_run(*json);
    json_decref(*json);
    *json = NULL;
    return status;
}

att_status cli_result(
    struct cli *c, att_status status, void (*show)(struct cli *c, const json_t *result))
{
    json_t *json;
    status = cli_take(c, status, &json);
    if (json) show(c, json);
    json_decref(json);
    return status;
}

void print_dry_run(const json_t *dry)
{
    enum { SHOWN = 40 };
    size_t i, count = json_array_size(json_object_get(dry, "files"));
    json_t *v;
    if (!dry) return;
    json_array_foreach(json_object_get(dry, "would"), i, v)
        printf("would %s\n", json_string_value(v));
    if (!count) printf("would write no file\n");
    if (count)
        printf("would write %zu file%s (dry run: nothing is written):\n", count, TEXT_S(count));
    json_array_foreach(json_object_get(dry, "files"), i, v)
    {
        if (i == SHOWN) break;
        printf("  %s\n", json_string_value(v));
    }
    if (count > SHOWN) printf("  (and %zu more; --json lists all)\n", count - SHOWN);
}

att_status cli_done(struct cli *c, att_status status)
{
    json_t *json;
    if (status != ATT_OK || !c->dry) return cli_check(c, status);
    return cli_take(c, att_context_dry_run(c->context, &c->text), &json);
}

att_status cli_wrote(struct cli *c, att_status status, const char *path)
{
    status = cli_done(c, status);
    if (status != ATT_OK || c->dry || !c->json) return status;
    json_t *text = json_string(path),
           *j = json_pack("{s:o, s:O}", "path", text ? text : json_null(), /* NULL if not UTF-8 */
               "warnings", c->progress.warnings);
    json_dumpf(j, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(j);
    return ATT_OK;
}

const char *cli_text(const struct cli *c, const char *key)
{
    return json_string_value(json_object_get(c->config, key));
}

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_'))) return false;
    return *a == *b;
}

/* What --help calls the next word, which is the value; NULL: there is none, as of an unknown
 * option. */
static const char *value_name(const struct cli *c, const char *name)
{
    att_option row = {.struct_size = sizeof row};
    for (int i = 0; att_option_row(c->command->name, i, &row); i++)
        if (same_name(row.name, name)) return row.arg;
    return NULL;
}

/* Refuses a unit apart from its number, as in "--time 30 min"; it may be the name of a file. */
static att_status check_unit(
    struct cli *c, const char *name, const char *arg, const char *value, const char *after)
{
    const bool unit = strcmp(arg, "TIME") == 0 || strcmp(arg, "SIZE") == 0;
    char joined[64];
    if (!unit || !after || strspn(value, "0123456789.") != strlen(value) ||
        !isalpha((unsigned char)*after) || strlen(value) + strlen(after) >= sizeof joined ||
        access(after, F_OK) == 0)
        return ATT_OK;
    snprintf(joined, sizeof joined, "%s%s", value, after);
    if (att_settings_set(c->context, c->settings, name, joined) != ATT_OK) return ATT_OK;
    return cli_fail(c, ATT_USAGE, "write --%s %s without the space", name, joined);
}

/* "-" as a value is standard input if the file is read once; for `plan -o` it is JSON on stdout. */
static void read_dash(const struct cli *c, char name[128], const char **value)
{
    static const char *const read[] = {"config", "plan", "cases"};
    if (!*value || strcmp(*value, "-") != 0) return;
    for (int i = 0; i < 3; i++)
        if (same_name(read[i], name)) *value = "/dev/stdin";
    if (strcmp(name, "output") != 0 || strcmp(c->command->name, "plan") != 0) return;
    snprintf(name, 128, "json");
    *value = NULL;
}

static att_status cli_read_set(struct cli *c, char name[128], const char *value)
{
    read_dash(c, name, &value);
    return cli_check(c, att_settings_set(c->context, c->settings, name, value));
}

/* Read a flag that starts with two dashes.  Returns the number of words used. */
static int cli_read_flag(
    struct cli *c, const char *flag, const char *next, const char *after, att_status *status)
{
    char name[128];
    size_t length = strcspn(flag + 2, "=");
    if (length >= sizeof name) {
        *status = cli_fail(c, ATT_USAGE, "unknown option %.40s...", flag);
        return 1;
    }
    memcpy(name, flag + 2, length);
    name[length] = 0;
    const char *value = flag[2 + length] ? flag + 3 + length : NULL;
    int used = 1;
    const char *arg = value_name(c, name);
    if (!value && next && arg && strncmp(next, "--", 2) != 0) {
        value = next;
        used = 2;
        *status = check_unit(c, name, arg, value, after);
        if (*status != ATT_OK) return 3;
    }
    *status = cli_read_set(c, name, value);
    return used;
}

static int read_short(struct cli *c, const char *flag, const char *next, att_status *status)
{
    if (strcmp(flag, "-h") == 0) return cli_read_flag(c, "--help", NULL, NULL, status);
    if (strcmp(flag, "-q") == 0) return cli_read_flag(c, "--quiet", NULL, NULL, status);
    if (flag[1] != 'o') {
        *status = cli_fail(c, ATT_USAGE, "unknown option %s; 'attunet %s --help' lists the options",
            flag, c->command->name);
        return 1;
    }
    if (!flag[2]) return cli_read_flag(c, "--output", next, NULL, status);
    char name[128] = "output";
    *status = cli_read_set(c, name, flag + 2);
    return 1;
}

/* Goes on after a wrong option, to report all of them; returns the first one's status. */
static att_status read_words(struct cli *c, int count, char **words)
{
    bool flags = true;
    att_status first = ATT_OK;
    for (int i = 0; i < count;) {
        const char *word = words[i], *next = i + 1 < count ? words[i + 1] : NULL;
        att_status status = ATT_OK;
        int used = 1;
        if (flags && strcmp(word, "--") == 0) {
            flags = false;
        } else if (flags && strncmp(word, "--", 2) == 0) {
            used = cli_read_flag(c, word, next, i + 2 < count ? words[i + 2] : NULL, &status);
        } else if (flags && word[0] == '-' && word[1]) {
            used = read_short(c, word, next, &status);
        } else if (c->count == CLI_ARGUMENTS) {
            return cli_fail(
                c, ATT_USAGE, "more than %d arguments; give a folder instead", CLI_ARGUMENTS);
        } else {
            c->arguments[c->count++] = word;
        }
        if (first == ATT_OK) first = status;
        if (status != ATT_OK && status != ATT_USAGE) return status;
        i += used;
    }
    return first;
}

att_status cli_read(struct cli *c, int count, char **words)
{
    char *text = NULL;
    json_error_t where;
    att_status status = read_words(c, count, words);
    if (status == ATT_OK) status = cli_check(c, att_settings_json(c->context, c->settings, &text));
    if (status != ATT_OK) return status;
    c->config = cli_parse(text, &where);
    att_text_free(text);
    if (!c->config)
        return cli_fail(c, ATT_FAILED, "the settings are not valid JSON: %s", where.text);
    c->json = json_yes(c->config, "json");
    c->dry = json_yes(c->config, "dry_run");
    c->help = json_yes(c->config, "help");
    c->progress.quiet = json_yes(c->config, "quiet");
    return ATT_OK;
}
