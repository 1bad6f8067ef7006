/* SPDX-License-Identifier: Apache-2.0 */
/* Completion of commands, options and values in bash, zsh and fish. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* Print "a|b|c" with another divider. */
static void words(const char *list, char divider)
{
    for (; *list; list++) putchar(*list == '|' ? divider : *list);
}

/* Print text in single quotes.  Characters in `escape` get a backslash: zsh needs that. */
static void cli_complete_quoted(const char *text, const char *quote, const char *escape)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs(quote, stdout);
        else if (strchr(escape, *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static const char *summary(const char *help, char text[80])
{
    size_t length = strcspn(help, ":;(");
    if (length > 72) length = 72;
    while (length > 0 && help[length] && help[length] != ' ' && !strchr(":;(", help[length]))
        length--;
    while (length > 0 && strchr(" ,", help[length - 1])) length--;
    snprintf(text, 80, "%.*s", (int)length, help);
    return text;
}

/* Fill `words` with the choices of a command's first argument, separated by blanks, and return
 * whether it has any: "ultrasound|organs -o FOLDER" has, "RUN|MODEL" has not. */
static bool kinds(const struct command *c, char text[80])
{
    const size_t length = strcspn(c->arguments, " ");
    *text = 0;
    if (length >= 80 || *c->arguments < 'a' || *c->arguments > 'z' ||
        !memchr(c->arguments, '|', length))
        return false;
    snprintf(text, 80, "%.*s", (int)length, c->arguments);
    for (char *at = text; *at; at++)
        if (*at == '|') *at = ' ';
    return true;
}

/* ---- bash */

static void bash_command(const struct command *c)
{
    att_option rows[OPTION_ROWS];
    int count = option_rows(c->name, rows);
    const char *list;
    char first[80];
    printf("    %s)\n        case $prev in\n", c->name);
    for (int i = 0; i < count; i++) {
        if (option_value(&rows[i], &list) != VALUE_WORDS) continue;
        printf("        --%s) words='", rows[i].name);
        words(list, ' ');
        printf("' ;;\n");
    }
    for (int kind = VALUE_PATH; kind <= VALUE_TEXT; kind++) {
        const char *divider = "        ";
        for (int i = 0; i < count; i++) {
            if ((int)option_value(&rows[i], &list) != kind) continue;
            printf("%s--%s", divider, rows[i].name);
            if (option_letter(rows[i].name)) printf(" | -%c", option_letter(rows[i].name));
            divider = " | ";
        }
        if (strcmp(divider, " | ") == 0)
            printf(") kind=%s ;;\n", kind == VALUE_PATH ? "path" : "text");
    }
    printf("        *) options='");
    for (int i = 0; i < count; i++) printf("%s--%s", i ? " " : "", rows[i].name);
    printf("'");
    if (kinds(c, first)) printf(" first='%s'", first);
    printf(" ;;\n        esac\n        ;;\n");
}

void print_bash(void)
{
    printf("# bash completion of attunet, made by: attunet generate bash\n"
           "_attunet() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} name='' "
           "words='' options='' first='' kind='' i\n"
           "    COMPREPLY=()\n"
           "    # --name=value comes as three words.\n"
           "    if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then "
           "prev=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        if [[ ${COMP_WORDS[i]} != -* ]]; then name=${COMP_WORDS[i]}; break; fi\n"
           "    done\n"
           "    case $name in\n"
           "    '') words='");
    for (const struct command *const *c = commands; *c; c++)
        if (!(*c)->hidden) printf("%s ", (*c)->name);
    printf("--help --version' ;;\n");
    for (const struct command *const *c = commands; *c; c++) bash_command(*c);
    printf("    esac\n"
           "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
           "        if [[ \" $first \" == *\" ${COMP_WORDS[i]} \"* ]]; then first=''; break; "
           "fi\n"
           "    done\n"
           "    if [[ -n $first && $cur != -* ]]; then words=$first; fi\n"
           "    if [[ $name == help && $prev == help ]]; then words='");
    for (const struct command *const *c = commands; *c; c++)
        if (!(*c)->hidden) printf("%s ", (*c)->name);
    printf("'; fi\n"
           "    if [[ -n $options && $cur == -* ]]; then words=$options; fi\n"
           "    if [[ -n $words ]]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
           "    elif [[ $kind != text ]]; then\n"
           "        compopt -o filenames 2>/dev/null\n"
           "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
           "    fi\n"
           "}\n"
           "complete -F _attunet attunet\n");
}

/* ---- zsh */

static void zsh_option(const att_option *row, const char *name, bool last)
{
    char text[80];
    const char *list;
    enum option_value value = option_value(row, &list);
    printf("            '%s%s[", name, value == VALUE_NONE ? "" : name[1] == '-' ? "=" : "+");
    cli_complete_quoted(summary(row->help, text), "'\\''", "[]:\\");
    printf("]");
    if (value != VALUE_NONE) {
        putchar(':');
        cli_complete_quoted(row->arg, "'\\''", ":\\");
        putchar(':');
    }
    if (value == VALUE_PATH) printf("_files");
    if (value == VALUE_WORDS) {
        putchar('(');
        words(list, ' ');
        putchar(')');
    }
    printf("'%s\n", last ? "" : " \\");
}

static void zsh_command(const struct command *c)
{
    att_option rows[OPTION_ROWS];
    int count = option_rows(c->name, rows);
    char first[80];
    printf("    %s)\n        _arguments -S \\\n", c->name);
    for (int i = 0; i < count; i++) {
        char name[80], letter = option_letter(rows[i].name);
        snprintf(name, sizeof name, "--%s", rows[i].name);
        zsh_option(&rows[i], name, false);
        snprintf(name, sizeof name, "-%c", letter);
        if (letter) zsh_option(&rows[i], name, false);
    }
    if (kinds(c, first)) printf("            '1:kind:(%s)' \\\n", first);
    printf("            '*:%s:%s'\n        ;;\n", strcmp(c->name, "help") == 0 ? "command" : "file",
        strcmp(c->name, "help") == 0 ? "($names)" : "_files");
}

void print_zsh(void)
{
    printf("#compdef attunet\n"
           "# zsh completion of attunet, made by: attunet generate zsh\n"
           "_attunet() {\n"
           "    local -a names\n"
           "    names=(\n");
    for (const struct command *const *c = commands; *c; c++) {
        if ((*c)->hidden) continue;
        printf("        '%s:", (*c)->name);
        cli_complete_quoted((*c)->summary, "'\\''", ":\\");
        printf("'\n");
    }
    printf("    )\n"
           "    if (( CURRENT == 2 )); then\n"
           "        _describe command names\n"
           "        return\n"
           "    fi\n"
           "    local name=$words[2]\n"
           "    shift words\n"
           "    (( CURRENT-- ))\n"
           "    names=(${names%%%%:*})\n"
           "    case $name in\n");
    for (const struct command *const *c = commands; *c; c++) zsh_command(*c);
    printf("    esac\n"
           "}\n"
           "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _attunet \"$@\"; else compdef "
           "_attunet attunet; fi\n");
}

/* ---- fish */

static void fish_option(const struct command *c, const att_option *row)
{
    char text[80];
    const char *list;
    enum option_value value = option_value(row, &list);
    printf("complete -c attunet -n '__fish_seen_subcommand_from %s' -l %s", c->name, row->name);
    if (option_letter(row->name)) printf(" -s %c", option_letter(row->name));
    if (value == VALUE_PATH) printf(" -r -F");
    if (value == VALUE_TEXT) printf(" -x");
    if (value == VALUE_WORDS) {
        printf(" -x -a '");
        words(list, ' ');
        putchar('\'');
    }
    printf(" -d '");
    cli_complete_quoted(summary(row->help, text), "\\'", "\\");
    printf("'\n");
}

void print_fish(void)
{
    att_option rows[OPTION_ROWS];
    printf("# fish completion of attunet, made by: attunet generate fish\n");
    for (const struct command *const *c = commands; *c; c++) {
        if ((*c)->hidden) continue;
        printf("complete -c attunet -n __fish_use_subcommand -f -a %s -d '", (*c)->name);
        cli_complete_quoted((*c)->summary, "\\'", "\\");
        printf("'\n");
    }
    for (const struct command *const *c = commands; *c; c++) {
        char first[80];
        int count = option_rows((*c)->name, rows);
        if (kinds(*c, first))
            printf("complete -c attunet -n '__fish_seen_subcommand_from %s; and not "
                   "__fish_seen_subcommand_from %s' -f -a '%s'\n",
                (*c)->name, first, first);
        for (int i = 0; i < count; i++) fish_option(*c, &rows[i]);
    }
}
