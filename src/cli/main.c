/* SPDX-License-Identifier: Apache-2.0 */
/* attunet COMMAND ARGUMENTS: find the command, read its settings, create a context, run it, return
 * the status as exit code. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* In the order of `attunet --help`. */
const struct command *const commands[] = {&cmd_demo, &cmd_info, &cmd_plan, &cmd_pack, &cmd_train,
    &cmd_tune, &cmd_resume, &cmd_predict, &cmd_attend, &cmd_evaluate, &cmd_report, &cmd_compare,
    &cmd_convert, &cmd_bench, &cmd_phantom, &cmd_serve, &cmd_view, &cmd_help, &cmd_version,
    &cmd_generate, NULL};

const struct command *command_find(const char *name)
{
    for (const struct command *const *c = commands; *c; c++)
        if (strcmp((*c)->name, name) == 0) return *c;
    return NULL;
}

/* ---- signals: the first one saves and stops; a second SIGINT ends the process at once */

static att_context *volatile stop_target; /* for the signal handler */

static void on_signal(int number)
{
    const int before = errno; /* of the interrupted code */
    static const char text[] =
        "\nattunet: stopping after this step; press Ctrl-C again to end at once\n";
    att_context_stop(stop_target);
    if (number == SIGINT) {
        signal(SIGINT, SIG_DFL);
        ssize_t wrote = isatty(STDERR_FILENO) ? write(STDERR_FILENO, text, sizeof text - 1) : 0;
        (void)wrote;
    }
    errno = before;
}

static void on_question(int number)
{
    (void)number;
    progress_ask();
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static void listen_to_signals(att_context *c)
{
    stop_target = c;
    struct sigaction before;
    handle(SIGINT, on_signal);
    handle(SIGTERM, on_signal);
    handle(SIGXCPU, on_signal); /* ulimit -t, and schedulers before SIGKILL */
    if (!sigaction(SIGHUP, NULL, &before) && before.sa_handler != SIG_IGN)
        handle(SIGHUP, on_signal); /* nohup ignores it */
}

/* ---- the three streams */

/* If the caller closed a stream, the first file opened would get its number, and the output. */
static void open_streams(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
            return;
}

/* Whether stdout is a pipe without a reader, such as after `head` ended: no error message then. */
static bool reader_gone(void)
{
    struct pollfd p = {.fd = STDOUT_FILENO};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

static att_status end_output(struct cli *c, att_status status)
{
    if ((fflush(stdout) == 0 && !ferror(stdout)) || status != ATT_OK) return status;
    return reader_gone() ? ATT_IO
                         : cli_fail(c, ATT_IO,
                               "cannot write all results to stdout; redirect them to a file or "
                               "pipe with room");
}

/* ---- allocations of jansson that fail: tables and settings would silently lack a part */

static json_malloc_t jansson_malloc;
static json_free_t jansson_free;
static bool lost; /* an allocation failed */

/* While jansson reads text, its buffer for a word has to grow (twice as large each time, from 16
 * bytes on): it does not look whether it has, and would write behind it. */
static char spare[1 << 20];
static size_t spare_used;
static bool reading;

static void *main_ask(size_t bytes)
{
    void *p = jansson_malloc(bytes);
    if (p) return p;
    lost = true;
    if (!reading || bytes <= 16 || (bytes & (bytes - 1)) || bytes > sizeof spare - spare_used)
        return NULL;
    spare_used += bytes;
    return spare + spare_used - bytes;
}

static void main_release(void *p)
{
    if ((uintptr_t)p < (uintptr_t)spare || (uintptr_t)p >= (uintptr_t)spare + sizeof spare)
        jansson_free(p);
}

static void watch_memory(void)
{
    json_get_alloc_funcs(&jansson_malloc, &jansson_free);
    json_set_alloc_funcs(main_ask, main_release);
}

bool cli_memory_lost(void) { return lost; }

json_t *cli_parse(const char *text, json_error_t *where)
{
    spare_used = 0;
    reading = true;
    json_t *json = json_loads(text, 0, where);
    reading = false;
    if (!spare_used) return json;
    json_decref(json);
    return NULL;
}

/* ---- one run */

static att_status create_context(struct cli *c)
{
    const att_callbacks callbacks = {
        sizeof callbacks, &c->progress, progress_message, progress_show, progress_warning};
    const json_t *threads = json_object_get(c->config, "threads");
    const char *device = cli_text(c, "device"), *isa = cli_text(c, "isa");
    const bool fastest = device && strcmp(device, "auto") == 0,
               cpu = device && strcmp(device, "cpu") == 0, any = !isa || strcmp(isa, "auto") == 0;
    if (device && !fastest && !cpu && strncmp(device, "gpu", 3) != 0 &&
        strncmp(device, "opencl", 6) != 0)
        return cli_fail(c, ATT_USAGE,
            "--device '%s' is unknown: use cpu, gpu, gpu:N, opencl:N or auto, N from 0", device);
    if (device && !cpu && !any)
        return cli_fail(
            c, ATT_USAGE, "--isa is of the processor: leave it out with --device %s", device);
    if (fastest) /* a run stays where it trained */
        device = c->command == &cmd_resume ? NULL : "gpu:auto";
    att_context_destroy(c->context);
    c->context = NULL;
    const att_status status = att_context_create(
        (int)json_integer_value(threads), device && any ? device : isa, &callbacks, &c->context);
    if (fastest && status == ATT_OK) /* for attunet-serve, which makes contexts of its own */
        json_object_set_new(c->config, "device",
            json_string(strcmp(att_context_isa(c->context), "opencl") == 0 ? "gpu" : "cpu"));
    return cli_check(c, status);
}

static att_status check_arguments(struct cli *c)
{
    const struct command *k = c->command;
    if (c->count < k->min) return cli_missing(c);
    if (k->max >= 0 && c->count > k->max)
        return cli_fail(c, ATT_USAGE, "too many arguments: '%s'; usage: attunet %s%s%s",
            c->arguments[k->max], k->name, *k->arguments ? " " : "", k->arguments);
    return ATT_OK;
}

/* The settings that differ from their defaults.  A setting named in a file counts as given, and
 * some exclude each other. */
static att_status print_config(struct cli *c)
{
    static const char *const own[] = {"print_config", "help", NULL};
    att_settings *fresh = NULL;
    json_t *defaults = NULL, *value;
    const char *key;
    void *next;
    char *text = NULL;
    att_status status = cli_check(c, att_settings_create(c->context, c->command->name, &fresh));
    if (status == ATT_OK) status = cli_check(c, att_settings_json(c->context, fresh, &text));
    att_settings_destroy(fresh);
    if (status == ATT_OK && !(defaults = cli_parse(text, NULL)))
        status = cli_fail(c, ATT_MEMORY, "out of memory: cannot hold the settings");
    att_text_free(text);
    if (status != ATT_OK) return status;
    json_object_foreach_safe(c->config, next, key, value)
    {
        if (json_equal(value, json_object_get(defaults, key))) json_object_del(c->config, key);
    }
    json_decref(defaults);
    for (int i = 0; own[i]; i++) json_object_del(c->config, own[i]);
    json_dumpf(c->config, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    putchar('\n');
    return ATT_OK;
}

static att_status main_run(struct cli *c, const char *name, int count, char **words)
{
    /* A small context reads the settings that the real one needs. */
    att_status status = cli_check(c, att_context_create(1, "ref", NULL, &c->context));
    if (status == ATT_OK)
        status = cli_check(c, att_settings_create(c->context, name, &c->settings));
    if (status != ATT_OK) return status;
    c->command = command_find(name);
    if (!c->command) return cli_fail(c, ATT_FAILED, "the command %s is not built in", name);
    status = cli_read(c, count, words);
    if (status != ATT_OK) return status;
    if (c->help) {
        help_command(c->command);
        return ATT_OK;
    }
    if (json_yes(c->config, "print_config")) return print_config(c);
    status = check_arguments(c);
    if (status == ATT_OK) status = create_context(c);
    if (status != ATT_OK) return status;
    c->output = cli_text(c, "output");
    if (c->command->no_output && !c->output)
        return cli_fail(c, ATT_USAGE, "%s; usage: attunet %s %s", c->command->no_output, name,
            c->command->arguments);
    listen_to_signals(c->context);
    return c->command->run(c);
}

/* --help and --version are commands too. */
static const char *plain_name(const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) return "help";
    return strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0 ? "version" : word;
}

int main(int argc, char **argv)
{
    struct cli c;
    memset(&c, 0, sizeof c);
    open_streams();
    handle(SIGPIPE, SIG_IGN); /* a lost reader must not end a training */
    handle(SIGXFSZ, SIG_IGN); /* write() then fails, with a message */
    handle(SIGUSR1, on_question);
    if (argc < 2) {
        help_all(stderr);
        return ATT_USAGE;
    }
    watch_memory();
    progress_init(&c.progress);
    att_status status = main_run(&c, plain_name(argv[1]), argc - 2, argv + 2);
    progress_clear(&c.progress);
    status = end_output(&c, status);
    if (lost && status == ATT_OK) status = cli_fail(&c, ATT_MEMORY, "out of memory");
    stop_target = NULL;
    json_decref(c.config);
    json_decref(c.progress.warnings);
    att_settings_destroy(c.settings);
    att_context_destroy(c.context);
    return (int)status;
}
