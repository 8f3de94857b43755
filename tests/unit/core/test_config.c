/* test_config.c: precedence of the four sources, every form of a flag, every kind of mistake. */
#include "core/config.h"

#include "core/config_impl.h"
#include "core/config_ini.h"
#include "core/err.h"
#include "core/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char home[64];
static char home_variable[80];
static char ini_path[128];

static struct core_config *config;
static char **rest;
static size_t rest_count;
static char why[300];

static void unload(void)
{
    core_config_free(config);
    free(rest);
    config = NULL;
    rest = NULL;
}

/* Loads from the arguments up to a NULL and at most one variable beside HOME. */
static int load_env(const char *variable, ...)
{
    char *argv[40] = {"sky"};
    int argc = 1;
    va_list args;
    va_start(args, variable);
    for (char *arg; (arg = va_arg(args, char *));)
        argv[argc++] = arg;
    va_end(args);
    char *envp[] = {"PATH=/bin", home_variable, (char *)(uintptr_t)variable, NULL};
    unload();
    why[0] = '\0';
    return core_config_load(argc, argv, envp, &config, &rest, &rest_count, why, sizeof why);
}
#define load(...) load_env(NULL, __VA_ARGS__)

static void write_ini(const char *text)
{
    FILE *f = fopen(ini_path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

#define REFUSED(call, ...)                                                                         \
    do {                                                                                           \
        assert_int_equal(call, CORE_EINVAL);                                                       \
        const char *parts_[] = {__VA_ARGS__};                                                      \
        for (size_t i_ = 0; i_ < sizeof parts_ / sizeof *parts_; i_++)                             \
            if (!strstr(why, parts_[i_]))                                                          \
                fail_msg("\"%s\" is not in: %s", parts_[i_], why);                                 \
    } while (0)

static void defaults_stand(void **state)
{
    (void)state;
    assert_int_equal(load(NULL), 0);
    assert_string_equal(core_config_str(config, CORE_CONFIG_HTTP), "127.0.0.1:8080");
    assert_int_equal(core_config_int(config, CORE_CONFIG_NOD), 1);
    assert_true(core_config_bool(config, CORE_CONFIG_CACHE));
    assert_int_equal(core_config_source(config, CORE_CONFIG_NOD), CORE_CONFIG_DEFAULT);
    assert_int_equal(rest_count, 0);
    assert_null(rest[0]);
    char data[128];
    snprintf(data, sizeof data, "%s/.local/share/sky", home);
    assert_string_equal(core_config_str(config, CORE_CONFIG_DATA), data);
    assert_int_equal(load_env("XDG_DATA_HOME=/x", NULL), 0);
    assert_string_equal(core_config_str(config, CORE_CONFIG_DATA), "/x/sky");
    assert_int_equal(load_env("XDG_DATA_HOME=relative", NULL), 0);
    assert_string_equal(core_config_str(config, CORE_CONFIG_DATA), data);
    /* Every entry of the table can be asked for as what it is. */
    for (int key = 0; key < CORE_CONFIG_KEY_COUNT; key++) {
        assert_non_null(core_config_str(config, (enum core_config_key)key));
        assert_true(strlen(core_config_specs[key].key) + 7 < CORE_CONFIG_NAME);
    }
}

static void flags_in_every_form(void **state)
{
    (void)state;
    assert_int_equal(load("ask", "--nod", "7", "what?", "--http=off", "--no-cache", "-", "-5",
                          "--model-path", "-odd", "--", "--nod", "--", NULL),
                     0);
    assert_int_equal(core_config_int(config, CORE_CONFIG_NOD), 7);
    assert_string_equal(core_config_str(config, CORE_CONFIG_HTTP), "off");
    assert_string_equal(core_config_str(config, CORE_CONFIG_MODEL_PATH), "-odd");
    assert_false(core_config_bool(config, CORE_CONFIG_CACHE));
    assert_int_equal(core_config_source(config, CORE_CONFIG_CACHE), CORE_CONFIG_FLAG);
    const char *want[] = {"ask", "what?", "-", "-5", "--nod", "--"};
    assert_int_equal(rest_count, sizeof want / sizeof *want);
    for (size_t i = 0; i < rest_count; i++)
        assert_string_equal(rest[i], want[i]);
    assert_null(rest[rest_count]);

    assert_int_equal(load("--cache=off", "--cache", "--nod=1", "--nod=2", "--learn=", NULL), 0);
    assert_true(core_config_bool(config, CORE_CONFIG_CACHE));
    assert_int_equal(core_config_int(config, CORE_CONFIG_NOD), 2);
    assert_string_equal(core_config_str(config, CORE_CONFIG_LEARN), "");
}

static void wrong_flags_are_explained(void **state)
{
    (void)state;
    REFUSED(load("--htpt", "x", NULL), "no option --htpt", "did you mean --http?");
    REFUSED(load("--completely-different", NULL), "no option --completely-different");
    assert_null(strstr(why, "did you mean"));
    REFUSED(load("-x", NULL), "no option -x");
    REFUSED(load("--nod", NULL), "--nod needs a value", "1 to 9999999");
    REFUSED(load("--data", NULL), "--data needs a value: a path");
    REFUSED(load("--learn", "--", NULL), "--learn needs a value: paths separated");
    REFUSED(load("--store", NULL), "--store needs a value: a text");
    REFUSED(load("--nod", "--http", NULL), "--nod needs a value");
    REFUSED(load("--nod=0", NULL), "--nod: \"0\" is not a number from 1 to 9999999");
    REFUSED(load("--nod=", NULL), "--nod: \"\" is not");
    REFUSED(load("--log-level", "loud", NULL), "--log-level: \"loud\" is not one of error, warn");
    REFUSED(load("--no-cache=true", NULL), "--no-cache takes no value");
    REFUSED(load("--cache=maybe", NULL), "--cache: \"maybe\" is not true or false");
    REFUSED(load("--no-http", NULL), "no option --no-http");
    REFUSED(load("--http=8080", NULL), "--http: \"8080\" is not host:port");
    REFUSED(load("--=x", NULL), "no option --");
    assert_int_equal(load("--config", "/nonexistent/sky.ini", NULL), CORE_ENOTFOUND);
    assert_non_null(
        strstr(why, "/nonexistent/sky.ini: the configuration cannot be read: there is "));
    /* A line for the terminal, whatever was typed. */
    REFUSED(load("--nod=\x1b[2J\n\xff", NULL), "--nod: \"?[2J??\" is not");
    char huge[20000];
    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    memcpy(huge, "--", 2);
    REFUSED(load(huge, NULL), "no option --xxxx");
    memcpy(huge, "--learn=", 8);
    REFUSED(load(huge, NULL), "--learn: the value is longer than");
    /* A short array for the reason is filled, ended and not exceeded. */
    char *argv[] = {"sky", "--nod=abc", NULL};
    char *envp[] = {home_variable, NULL};
    char small[8];
    assert_int_equal(
        core_config_load(2, argv, envp, &config, &rest, &rest_count, small, sizeof small),
        CORE_EINVAL);
    assert_string_equal(small, "--nod: ");
    assert_int_equal(core_config_load(2, argv, envp, &config, &rest, &rest_count, NULL, 0),
                     CORE_EINVAL);
}

static void strongest_source_wins(void **state)
{
    (void)state;
    write_ini("\xef\xbb\xbf# comment\r\nnod = 3\r\n; more\nlog.level = warn\n[model]\n\n"
              "  threads=2\npath = \"~/m \"\n[ embed ]\nmulti-path = /e=f # g\n");
    assert_int_equal(load("--config", ini_path, NULL), 0);
    assert_int_equal(core_config_int(config, CORE_CONFIG_NOD), 3);
    assert_int_equal(core_config_source(config, CORE_CONFIG_NOD), CORE_CONFIG_FILE);
    assert_int_equal(core_config_int(config, CORE_CONFIG_MODEL_THREADS), 2);
    assert_string_equal(core_config_str(config, CORE_CONFIG_LOG_LEVEL), "warn");
    assert_string_equal(core_config_str(config, CORE_CONFIG_EMBED_MULTI_PATH), "/e=f # g");
    char path[128];
    snprintf(path, sizeof path, "%s/m ", home);
    assert_string_equal(core_config_str(config, CORE_CONFIG_MODEL_PATH), path);

    assert_int_equal(load_env("SKY_NOD=4", "--config", ini_path, NULL), 0);
    assert_int_equal(core_config_int(config, CORE_CONFIG_NOD), 4);
    assert_int_equal(core_config_source(config, CORE_CONFIG_NOD), CORE_CONFIG_ENV);
    assert_int_equal(load_env("SKY_NOD=4", "--config", ini_path, "--nod", "5", NULL), 0);
    assert_int_equal(core_config_int(config, CORE_CONFIG_NOD), 5);
    assert_int_equal(load_env("SKY_MODEL_THREADS=9", "--config", ini_path, NULL), 0);
    assert_int_equal(core_config_int(config, CORE_CONFIG_MODEL_THREADS), 9);
    assert_int_equal(load_env("SKY_NOD=", "--config", ini_path, NULL), 0);
    assert_int_equal(core_config_int(config, CORE_CONFIG_NOD), 3);
    REFUSED(load_env("SKY_NOD=x", NULL), "SKY_NOD: \"x\" is not a number");

    char variable[160];
    snprintf(variable, sizeof variable, "SKY_CONFIG=%s", ini_path);
    assert_int_equal(load_env(variable, NULL), 0);
    assert_int_equal(core_config_int(config, CORE_CONFIG_NOD), 3);
    snprintf(variable, sizeof variable, "XDG_CONFIG_HOME=%s", home);
    assert_int_equal(load_env(variable, NULL), 0);
    assert_int_equal(core_config_int(config, CORE_CONFIG_NOD), 3);
    assert_string_equal(core_config_file(config), ini_path);
    assert_int_equal(unlink(ini_path), 0);
    assert_int_equal(load_env(variable, NULL), 0);
    assert_int_equal(core_config_int(config, CORE_CONFIG_NOD), 1);
    assert_string_equal(core_config_file(config), ini_path);
}

static void home_is_put_in(void **state)
{
    (void)state;
    char want[200];
    assert_int_equal(load("--data=~", "--learn=~/a:/b~/c:~:~x", "--store", "~/s", NULL), 0);
    assert_string_equal(core_config_str(config, CORE_CONFIG_DATA), home);
    snprintf(want, sizeof want, "%s/a:/b~/c:%s:~x", home, home);
    assert_string_equal(core_config_str(config, CORE_CONFIG_LEARN), want);
    assert_string_equal(core_config_str(config, CORE_CONFIG_STORE), "~/s");
}

static void wrong_files_are_explained(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"nod 3\n", "sky.ini:1: neither"},
        {"\n\n[model\n", "sky.ini:3: a section needs a closing ]"},
        {"[model]\nthreds = 1\n", "sky.ini:2: there is no key model.threds; did you mean "
                                  "model.threads?"},
        {"[backup]\nhttps = off\n",
         "sky.ini:2: there is no key backup.https: https belongs above the first [section]"},
        {"= 1\n", "sky.ini:1: there is no key before the ="},
        {"nod = 0\n", "sky.ini:1: nod: \"0\" is not a number from 1 to 9999999"},
        {"nod = 1\nnod = 2\n", "sky.ini:2: nod is set already on line 1"},
        {"config = x\n", "sky.ini:1: config cannot be set"},
        {"[a\x1b]\nb = 1\n", "sky.ini:2: there is no key a?.b"},
        {"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk=1\n",
         "sky.ini:1: there is no key kkkkkkkk"},
        {"cache = \n", "sky.ini:1: cache: \"\" is not true or false"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_ini(bad[i].text);
        REFUSED(load("--config", ini_path, NULL), bad[i].part);
    }
    FILE *f = fopen(ini_path, "w");
    fwrite("nod = 1\0\n", 1, 9, f);
    fclose(f);
    REFUSED(load("--config", ini_path, NULL), "sky.ini:1: a NUL byte");
    f = fopen(ini_path, "w");
    for (int i = 0; i < 20000; i++)
        fputs("# a comment too many\n", f);
    fclose(f);
    assert_int_equal(load("--config", ini_path, NULL), CORE_ETOOBIG);
    assert_non_null(strstr(why, ini_path));
    unlink(ini_path);
    assert_int_equal(load("--config", home, NULL), CORE_EUNSUPPORTED);
    assert_int_equal(mkfifo(ini_path, 0600), 0);
    assert_int_equal(load("--config", ini_path, NULL), CORE_EUNSUPPORTED);
    unlink(ini_path);
}

static void without_home_the_data_folder_must_be_named(void **state)
{
    (void)state;
    char *argv[] = {"sky", "--data=/d", NULL};
    char *envp[] = {NULL};
    unload();
    REFUSED(core_config_load(1, argv, envp, &config, &rest, &rest_count, why, sizeof why),
            "HOME is not set", "--data");
    assert_int_equal(core_config_load(2, argv, NULL, &config, &rest, &rest_count, why, sizeof why),
                     0);
    assert_string_equal(core_config_str(config, CORE_CONFIG_DATA), "/d");
    unload();
    assert_int_equal(core_config_load(0, argv, envp, &config, &rest, &rest_count, why, sizeof why),
                     CORE_EINVAL);
}

static void addresses_are_split(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        unsigned port;
    } good[] = {{"127.0.0.1:8080", "127.0.0.1", 8080},
                {"[::1]:0", "::1", 0},
                {"localhost:65535", "localhost", 65535},
                {"[fe80::1%eth0]:1", "fe80::1%eth0", 1}};
    char host[32] = "";
    unsigned port = 0;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(core_config_addr(good[i].text, host, sizeof host, &port), 0);
        assert_string_equal(host, good[i].host);
        assert_int_equal(port, good[i].port);
    }
    static const char *const bad[] = {"",        "off",
                                      ":80",     "a:",
                                      "a:65536", "a:-1",
                                      "a:-0",    "a:+1",
                                      "::1:80",  "[::1]",
                                      "[::1",    "[]:80",
                                      "[::1]80", "a b:80",
                                      "a:8 ",    "a/b:80",
                                      "a",       "[:80",
                                      "]:80",    "[[::1]:8",
                                      "a:80:90", "a-name-that-is-far-too-long-for-the-array:80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (core_config_addr(bad[i], host, sizeof host, &port) != CORE_EINVAL)
            fail_msg("accepted: %s", bad[i]);
    assert_string_equal(host, "fe80::1%eth0");
}

static void help_fits_and_names_everything(void **state)
{
    (void)state;
    static const unsigned widths[] = {0, 40, 80, 120};
    for (size_t w = 0; w < 4; w++) {
        struct core_buf b;
        core_buf_init(&b, 100000);
        assert_int_equal(core_config_help(&b, widths[w]), 0);
        for (int key = 0; key < CORE_CONFIG_KEY_COUNT; key++) {
            char name[CORE_CONFIG_NAME];
            core_config_env_name((enum core_config_key)key, name);
            assert_non_null(strstr(b.ptr, name));
            assert_non_null(strstr(b.ptr, core_config_specs[key].key));
        }
        struct core_str all = core_buf_str(&b);
        struct core_str line;
        while (core_str_split(&all, '\n', &line))
            if (line.len > (widths[w] ? widths[w] : 80) + 2)
                fail_msg("too long: %.*s", CORE_STR_ARG(line));
        core_buf_done(&b);
    }
    struct core_buf b;
    core_buf_init(&b, 50);
    assert_int_equal(core_config_help(&b, 80), CORE_ETOOBIG);
    core_buf_done(&b);
}

static void the_file_is_read_again(void **state)
{
    (void)state;
    struct core_config *again = NULL;
    write_ini("nod = 7\n[model]\nslots = 3\n");
    assert_int_equal(load_env("SKY_CACHE=no", "--config", ini_path, "--embed-threads=2", NULL), 0);
    write_ini("nod = 8\ncache = yes\nlearn = ~/papers\n[embed]\nthreads = 5\n");
    assert_int_equal(core_config_reload(config, &again, why, sizeof why), 0);
    assert_int_equal(core_config_int(again, CORE_CONFIG_NOD), 8);
    assert_int_equal(core_config_int(again, CORE_CONFIG_MODEL_SLOTS), 4); /* the default again */
    assert_int_equal(core_config_int(again, CORE_CONFIG_EMBED_THREADS), 2);
    assert_int_equal(core_config_source(again, CORE_CONFIG_EMBED_THREADS), CORE_CONFIG_FLAG);
    assert_false(core_config_bool(again, CORE_CONFIG_CACHE));
    assert_string_equal(core_config_str(again, CORE_CONFIG_DATA),
                        core_config_str(config, CORE_CONFIG_DATA));
    assert_memory_equal(core_config_str(again, CORE_CONFIG_LEARN), home, strlen(home));
    assert_int_equal(core_config_int(config, CORE_CONFIG_NOD), 7);
    core_config_free(again);

    write_ini("nod = 9\nslots = 1\n");
    assert_int_equal(core_config_reload(config, &again, why, sizeof why), CORE_EINVAL);
    assert_non_null(strstr(why, "sky.ini:2: there is no key slots"));
    unlink(ini_path);
    assert_int_equal(core_config_reload(config, &again, why, sizeof why), CORE_ENOTFOUND);
    assert_non_null(strstr(why, ini_path));
}

static int make_home(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(home, sizeof home, "%.40s/sky-config-XXXXXX", base ? base : P_tmpdir);
    if (!mkdtemp(home))
        return -1;
    snprintf(home_variable, sizeof home_variable, "HOME=%s", home);
    snprintf(ini_path, sizeof ini_path, "%s/sky", home);
    if (mkdir(ini_path, 0700) != 0)
        return -1;
    snprintf(ini_path, sizeof ini_path, "%s/sky/sky.ini", home);
    return 0;
}

static int remove_home(void **state)
{
    (void)state;
    unload();
    *strrchr(ini_path, '/') = '\0';
    return rmdir(ini_path) == 0 ? rmdir(home) : -1;
}

/* What a person is told of one option: where it comes from, and its value. */
static const char *told(enum core_config_key key)
{
    static char text[400];
    struct core_buf b;
    core_buf_init(&b, sizeof text);
    core_config_origin(config, key, &b);
    core_buf_add_byte(&b, ' ');
    core_config_show(config, key, &b);
    snprintf(text, sizeof text, "%.*s", (int)b.len, b.ptr);
    core_buf_done(&b);
    return text;
}

static void values_are_told_with_their_origin(void **state)
{
    char want[400];
    (void)state;
    write_ini("nod = 5\nlevel-max = L1\n");
    assert_int_equal(load_env("SKY_LOG_LEVEL=debug", "--config", ini_path, "--http", "off", NULL),
                     0);
    assert_string_equal(told(CORE_CONFIG_HTTP), "--http off");
    assert_string_equal(told(CORE_CONFIG_LOG_LEVEL), "SKY_LOG_LEVEL debug");
    assert_string_equal(told(CORE_CONFIG_CACHE), " true");
    snprintf(want, sizeof want, "%s:2 L1", ini_path);
    assert_string_equal(told(CORE_CONFIG_LEVEL_MAX), want);
    assert_string_equal(core_config_default(CORE_CONFIG_LEVEL_MAX), "L3");
    unlink(ini_path);
}

static void passwords_are_not_told(void **state)
{
    static const char *const cases[][2] = {
        {"postgresql://sky:pa:s@w/o@host/db", "--store postgresql://sky:…@host/db"},
        {"postgresql://sky@host:5432/db", "--store postgresql://sky@host:5432/db"},
        {"postgresql://host:5432/db", "--store postgresql://host:5432/db"},
        {"postgresql://u:p@", "--store postgresql://u:…@"},
        {"postgresql://u@h/d?sslmode=require&password=p&pass%77ord=p&options=-csearch_path%3Dx",
         "--store postgresql://u@h/d?sslmode=require&password=…&pass%77ord=…&options=-csearch_path%3Dx"},
        {"postgresql://u:p@h/d?password", "--store postgresql://u:…@h/d?password=…"},
        {"sqlite", "--store sqlite"},
        {"://", "--store ://"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(load("--store", cases[i][0], NULL), 0);
        assert_string_equal(told(CORE_CONFIG_STORE), cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_stand),
        cmocka_unit_test(flags_in_every_form),
        cmocka_unit_test(wrong_flags_are_explained),
        cmocka_unit_test(strongest_source_wins),
        cmocka_unit_test(home_is_put_in),
        cmocka_unit_test(wrong_files_are_explained),
        cmocka_unit_test(without_home_the_data_folder_must_be_named),
        cmocka_unit_test(addresses_are_split),
        cmocka_unit_test(the_file_is_read_again),
        cmocka_unit_test(values_are_told_with_their_origin),
        cmocka_unit_test(passwords_are_not_told),
        cmocka_unit_test(help_fits_and_names_everything),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
