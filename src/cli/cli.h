/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: what its files share.  It knows the library only through attunet.h; results
 * come as JSON and are printed as tables. stdout carries results, stderr everything else. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "attunet.h"

enum { CLI_ARGUMENTS = 4096 };

/* As that of base/text.h: "%d case%s", n, TEXT_S(n). */
#define TEXT_S(count) ((count) == 1 ? "" : "s")

struct cli;

/* One command, one file cmd_NAME.c, one line in the list of main.c. */
struct command {
    const char *name, *arguments; /* "DATASET -o RUN" */
    const char *summary;          /* one line for `attunet --help` */
    const char *about;            /* a paragraph for `attunet NAME --help`, or NULL */
    const char *const *examples;  /* NULL-terminated */
    int min, max;                 /* how many arguments; most < 0: any number */
    bool hidden;                  /* from the list of commands: of use to who packages attunet */
    att_status (*run)(struct cli *c);
};
extern const struct command cmd_demo, cmd_info, cmd_plan, cmd_pack, cmd_train, cmd_tune, cmd_resume,
    cmd_predict, cmd_attend, cmd_evaluate, cmd_report, cmd_compare, cmd_bench, cmd_convert,
    cmd_phantom, cmd_help, cmd_version, cmd_generate;
extern const struct command *const commands[]; /* NULL-terminated */
const struct command *command_find(const char *name);

/* The line on the terminal that shows how far work has come. */
enum { PROGRESS_WORKS = 4 }; /* work inside of work, such as validation inside of training */
struct progress {
    bool terminal, shown, colour, quiet;
    double drawn; /* when; seconds */
    struct progress_work {
        char what[64], detail[100]; /* what "": free */
        double start;
        int64_t first, done, total; /* first: `done` at the start */
    } works[PROGRESS_WORKS];
};
void progress_init(struct progress *p);
void progress_clear(struct progress *p);
/* Safe in a signal handler: the next progress prints how far all work has come, and the memory in
 * use. */
void progress_ask(void);
/* For att_callbacks; user is the struct progress. */
void progress_message(void *user, int level, const char *text);
void progress_show(void *user, const char *what, int64_t done, int64_t total, const char *detail);

struct cli {
    const struct command *command;
    att_context *context;
    att_settings *settings;
    json_t *config; /* the settings as JSON */
    const char *arguments[CLI_ARGUMENTS];
    int count;
    bool json, help, dry;
    struct progress progress;
};

/* Reads everything behind the command's name into settings and arguments. */
att_status cli_read(struct cli *c, int count, char **words);
/* Prints a sentence of the library, which names settings, as in `max-memory`; users know flags. */
void cli_say(const char *text, FILE *to);
/* Prints "attunet: SENTENCE" to stderr and returns the status. */
att_status cli_fail(struct cli *c, att_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Whether JSON may lack something: whatever fails then, fails for want of memory. */
bool cli_memory_lost(void);
/* What the library gave as text; NULL with `where` (which may be NULL) filled in, or where memory
 * was lost. */
json_t *cli_parse(const char *text, json_error_t *where);
/* The same with the context's sentence; ATT_OK passes in silence. */
att_status cli_check(struct cli *c, att_status status);
/* Passes on what a call returned: with --json its text goes to stdout and *json is NULL, else it is
 * parsed into *json. Frees the text. */
att_status cli_result(struct cli *c, att_status status, char **text, json_t **json);
/* Of a call that returns no text: the status, and with --dry-run what the call would have done is
 * printed. */
att_status cli_done(struct cli *c, att_status status);
/* The same of a call whose result is a file or a folder: with --json its path is the result,
 * {"path": PATH}. */
att_status cli_wrote(struct cli *c, att_status status, const char *path);
void print_dry_run(const json_t *dry);                      /* NULL is fine */
const char *cli_text(const struct cli *c, const char *key); /* of the settings; NULL: not given */

/* What a run has come to, after training. */
att_status print_run(struct cli *c, const char *path);
void print_dataset(const json_t *info); /* what att_info says of a data set, as text for people */
void print_labels(const json_t *labels);
/* The axes that `j` says volumes lie along, and what that means. */
void print_orientation(const json_t *j, const char *what);
extern const char turned_volumes[]; /* of all but an image: those that lie otherwise are turned */
const char *json_word(const json_t *j, const char *key); /* "-" where there is no text */
long long json_whole(const json_t *j, const char *key);
/* A caution where intervals are of few `unit` ("cases", "groups"). */
void print_few(double units, const char *unit);
/* The JSON of att_evaluate with the setting policies, as tables. */
void print_policies(const json_t *policies);
/* The mean Dice over cases and classes, of the JSON of att_evaluate. */
json_t *evaluation_dice(const json_t *evaluation);

void help_all(FILE *to);
void help_command(const struct command *c);
struct exit_code {
    att_status code;
    const char *meaning;
};
extern const struct exit_code exit_codes[]; /* ended by a meaning of NULL */

/* The options of a command, those of a group together, groups in the order of their first ones; how
 * many. */
enum { OPTION_ROWS = 256 };
int option_rows(const char *command, att_option rows[OPTION_ROWS]);
char option_letter(const char *name); /* 'o' of "output"; 0: none */
/* What an option does, the words that it takes where that does not name them, and its default. */
enum { OPTION_ABOUT = 1024 };
void option_about(const att_option *row, char *text, size_t size);
/* What may stand behind an option: nothing, one of `words` ("a|b|c"), a file or folder, or a text
 * of one's own. */
enum option_value { VALUE_NONE, VALUE_WORDS, VALUE_PATH, VALUE_TEXT };
enum option_value option_value(const att_option *row, const char **words);

/* What is generated from commands and options, to stdout (cmd_generate.c). */
void print_manual(const struct command *c); /* in mdoc(7); NULL: of attunet itself */
void print_markdown(void);
void print_bash(void);
void print_zsh(void);
void print_fish(void);

/* Tables: rows of words; columns that hold numbers are set to the right. */
json_t *table_create(const char *heading, ...)
    __attribute__((sentinel)); /* the headings, then NULL */
void table_row(json_t *table);
void table_cell(json_t *table, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* of the last row */
const char *volume_format(double x);       /* for printf: small ones with more digits */
void table_number(json_t *table, const json_t *number, int digits); /* null and absent are "-" */
void table_digits(
    json_t *table, const json_t *number); /* the same of a number of any size: six digits of it */
/* Cells of an arm of a comparison: mean, spread over seeds, difference to the first, its interval,
 * p and p by Holm. */
void table_arm(json_t *table, const json_t *arm, int digits);
void table_print(json_t *table);          /* and frees it */
void table_print_markdown(json_t *table); /* the same, between bars */
void print_cell(const char *text);        /* between bars, where one would end it */

/* Values of JSON as words for people, in a buffer of the caller. */
#define SMALL_MM                                                                                   \
    .01 /* lengths of voxels below this are shown in micrometres, as evaluate counts them */
enum { WORD = 64 };
const char *word_size(const json_t *size, char word[WORD]); /* [1,256,256] -> "256x256" */
const char *word_axes(const json_t *size, int dims,
    char word[WORD]); /* of a network: d is left out where it has two dimensions */
const char *word_bytes(const json_t *bytes, char word[WORD]); /* "1.5 GiB" */
/* "1.5x0.8x0.8 mm"; of small voxels, as evaluate does, in um.  What is null, or NAN, is left out.
 */
const char *word_spacing(const json_t *mm, char word[WORD]);
const char *word_lengths(const double mm[3], char word[WORD]);
const char *word_seconds(double seconds, char word[WORD]); /* "1:05", "2:10:00" */
/* "a, b, c" of an array of texts, to stdout. */
void print_list(const json_t *array);

#endif
