/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: shared declarations.  It uses the library only through attunet.h: results come
 * as JSON and are printed as tables.  Results go to stdout, everything else to stderr. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "attunet.h"

enum { CLI_ARGUMENTS = 4096 };

/* Plural: "%d case%s", n, TEXT_S(n); same as in base/text.h. */
#define TEXT_S(count) ((count) == 1 ? "" : "s")

struct cli;

/* One command, one file cmd_NAME.c, one line in the list of main.c. */
struct command {
    const char *name, *arguments; /* "DATASET -o RUN" */
    const char *summary;          /* one line for `attunet --help` */
    const char *about;            /* a paragraph for `attunet NAME --help`, or NULL */
    const char *const *examples;  /* NULL-terminated */
    int min, max;                 /* number of arguments; max < 0: any */
    const char *no_output;        /* the error without --output; NULL: optional */
    bool hidden;                  /* not in the list of commands: for packagers */
    att_status (*run)(struct cli *c);
};
extern const struct command cmd_demo, cmd_info, cmd_plan, cmd_pack, cmd_train, cmd_tune, cmd_resume,
    cmd_predict, cmd_attend, cmd_evaluate, cmd_report, cmd_compare, cmd_bench, cmd_convert,
    cmd_phantom, cmd_serve, cmd_view, cmd_help, cmd_version, cmd_generate;
extern const struct command *const commands[]; /* NULL-terminated */
const struct command *command_find(const char *name);

/* The progress line on the terminal. */
enum { PROGRESS_WORKS = 4 }; /* nested work, such as validation in training */
struct progress {
    bool terminal, shown, colour, quiet;
    json_t *warnings; /* [{"kind", "text"}], for --json */
    double drawn;     /* time of the last drawing, s */
    struct progress_work {
        char what[64], detail[100]; /* what == "": unused */
        double start;
        int64_t first, done, total; /* first: initial `done` */
    } works[PROGRESS_WORKS];
};
void progress_init(struct progress *p);
void progress_clear(struct progress *p);
/* Safe in a signal handler: the next progress prints the state of all work, and memory in use. */
void progress_ask(void);
/* For att_callbacks; user is the struct progress. */
void progress_message(void *user, int level, const char *text);
void progress_warning(void *user, const char *kind, const char *text);
void progress_show(void *user, const char *what, int64_t done, int64_t total, const char *detail);

struct cli {
    const struct command *command;
    att_context *context;
    att_settings *settings;
    json_t *config; /* the settings as JSON */
    const char *arguments[CLI_ARGUMENTS];
    int count;
    const char *output; /* the setting, or NULL */
    char *text;         /* the library's JSON, for cli_take and cli_result */
    bool json, help, dry;
    struct progress progress;
};

/* Read the words after the command's name into settings and arguments. */
att_status cli_read(struct cli *c, int count, char **words);
/* Print a sentence of the library.  It names settings (`max-memory`); users know flags. */
void cli_say(const char *text, FILE *to);
/* The same into a buffer, for a table; cut if it is longer. */
enum { CLI_SPOKEN = 2048 };
const char *cli_spoken(const char *text, char spoken[CLI_SPOKEN]);
/* Print "attunet: SENTENCE" to stderr; return the status. */
att_status cli_fail(struct cli *c, att_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for the first argument that is missing. */
att_status cli_missing(struct cli *c);
/* The same with the context's sentence; prints nothing for ATT_OK. */
att_status cli_check(struct cli *c, att_status status);
/* Whether an allocation of jansson failed; a later failure is then ATT_MEMORY. */
bool cli_memory_lost(void);
/* Parse the library's JSON.  NULL: *where (may be NULL) tells the error, or memory ran out. */
json_t *cli_parse(const char *text, json_error_t *where);
/* Print c->text, the library's JSON, with all warnings as `key` of the object, or of the first one
 * in a list. */
void cli_print_json(const struct cli *c, const char *key);
/* Handle the result of a call and free its text.  With --json print it and set *json to NULL, else
 * parse it into *json. */
att_status cli_take(struct cli *c, att_status status, json_t **json);
/* The same, and show the parsed result. */
att_status cli_result(
    struct cli *c, att_status status, void (*show)(struct cli *c, const json_t *result));
/* Handle a call without text; with --dry-run print what it would do. */
att_status cli_done(struct cli *c, att_status status);
/* The same for a call that writes a file or folder; with --json print {"path": PATH}. */
att_status cli_wrote(struct cli *c, att_status status, const char *path);
void print_dry_run(const json_t *dry);                      /* NULL is fine */
const char *cli_text(const struct cli *c, const char *key); /* a setting; NULL: not given */

/* Print the command that the library proposes, if any. */
void print_next(const json_t *j);
/* Print a run after training. */
att_status print_run(struct cli *c, const char *path);
void print_dataset(const json_t *info); /* print a data set from att_info's JSON */
void print_labels(const json_t *labels);
const char *word_order(bool flat);
/* Print the orientation in `j`, and what it means. */
void print_orientation(const json_t *j, const char *what);
extern const char turned_volumes[];                      /* its meaning for data sets and models */
const char *json_word(const json_t *j, const char *key); /* "-" where there is no text */
/* 0 and false where there is none. */
long long json_whole(const json_t *j, const char *key);
double json_decimal(const json_t *j, const char *key);
bool json_yes(const json_t *j, const char *key);
/* Print cautions if intervals come from few units ("cases", "groups"), and if a difference needs
 * more of them. */
void print_few(double units, const char *unit, double fewest);
/* Print att_evaluate's JSON with the setting policies. */
void print_policies(const json_t *policies);
/* Mean Dice over cases and classes in att_evaluate's JSON. */
json_t *evaluation_dice(const json_t *evaluation);

void help_all(FILE *to);
void help_command(const struct command *c);
struct exit_code {
    att_status code;
    const char *meaning;
};
extern const struct exit_code exit_codes[]; /* the last meaning is NULL */

/* Fill `rows` with the options of a command, group by group, and return their number. */
enum { OPTION_ROWS = 256 };
int option_rows(const char *command, att_option rows[OPTION_ROWS]);
char option_letter(const char *name); /* 'o' of "output"; 0: none */
/* The help of an option, its choices if the help does not name them, and its default. */
enum { OPTION_ABOUT = 1024 };
void option_about(const att_option *row, char *text, size_t size);
/* What an option takes: nothing, one of `words` ("a|b|c"), a path, or free text. */
enum option_value { VALUE_NONE, VALUE_WORDS, VALUE_PATH, VALUE_TEXT };
enum option_value option_value(const att_option *row, const char **words);

/* Whether a sentence ends with the word of this length; the next one then starts a line. */
bool sentence_ends(const char *text, int length);

/* Print what cmd_generate.c generates. */
void print_manual(const struct command *c); /* mdoc(7); NULL: the page of attunet */
void print_markdown(void);
void print_python(void);
void print_bash(void);
void print_zsh(void);
void print_fish(void);

/* Tables; columns of numbers are right-aligned. */
json_t *table_create(const char *heading, ...) __attribute__((sentinel)); /* headings, then NULL */
void table_row(json_t *table);
void table_cell(json_t *table, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* add to the last row */
/* In `text`, with more digits for small values. One text for a volume, however it was computed. */
enum { VOLUME_TEXT = 48 };
const char *volume_text(double x, char text[VOLUME_TEXT]);
void table_number(json_t *table, const json_t *number, int digits); /* null and absent are "-" */
void table_field(json_t *table, const json_t *j, const char *key, int digits); /* of an object */
void table_word(json_t *table, const json_t *j, const char *key); /* json_word of an object */
void table_digits(json_t *table, const json_t *number); /* the same with six significant digits */
/* Cells of an arm of a comparison: mean, spread over seeds, difference to the first, its interval,
 * p and p by Holm. */
void table_arm(json_t *table, const json_t *arm, int digits);
void table_print(json_t *table);          /* and free it */
void table_print_markdown(json_t *table); /* the same in Markdown */
void print_cell(const char *text);        /* escape bars for Markdown */

/* JSON values as text, in the caller's buffer. */
#define SMALL_MM .01 /* mm; shorter voxels are shown in micrometres, as in evaluate */
enum { WORD = 64 };
const char *word_size(const json_t *size, char word[WORD]); /* [1,256,256] -> "256x256" */
const char *word_axes(
    const json_t *size, int dims, char word[WORD]); /* sizes in a network; 2D leaves out d */
const char *word_bytes(const json_t *bytes, char word[WORD]); /* "1.5 GiB" */
/* "1.5x0.8x0.8 mm"; of small voxels, as evaluate does, in um.  What is null, or NAN, is left out.
 */
const char *word_spacing(const json_t *mm, char word[WORD]);
const char *word_lengths(const double mm[3], char word[WORD]);
const char *word_seconds(double seconds, char word[WORD]); /* "1:05", "2:10:00" */
/* Print an array of texts: "a, b, c". */
void print_list(const json_t *array);
