/* test_log.c: log lines as they arrive on stderr. */
#include "core/log.h"

#include "core/err.h"
#include "core/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define WALL_MS 1769860800000

static int64_t wall_ms = WALL_MS;

static int64_t fake_wall(void *ctx)
{
    (void)ctx;
    return wall_ms;
}

static const struct core_env env = {.wall_ms = fake_wall};
static FILE *caught;
static int saved_stderr;

static void catch_begin(void)
{
    caught = tmpfile();
    saved_stderr = dup(STDERR_FILENO);
    dup2(fileno(caught), STDERR_FILENO);
}

static const char *catch_end(void)
{
    static char text[1 << 20];
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    rewind(caught);
    text[fread(text, 1, sizeof text - 1, caught)] = '\0';
    fclose(caught);
    return text;
}

#define TIME "2026-01-31T12:00:00.000Z"

static void text_lines(void **state)
{
    (void)state;
    core_log_setup(&env, CORE_LOG_INFO, false);
    catch_begin();
    errno = 1234;
    core_log(CORE_LOG_INFO, "store.open", {"path", CORE_LOG_C("/x y")}, {"ms", CORE_LOG_I(-12)},
             {"rate", CORE_LOG_F(0.5)}, {"empty", CORE_LOG_C("")}, {"none", CORE_LOG_C(NULL)});
    assert_int_equal(errno, 1234);
    core_log(CORE_LOG_DEBUG, "hidden", {"a", CORE_LOG_I(1)});
    core_log(CORE_LOG_ERROR, "bare");
    core_log(CORE_LOG_WARN, "odd",
             {"v", CORE_LOG_S(CORE_STR("a\"b\\c=\n\t\r\x1b[2J\x7f\xc2\x9b\xff\xe2\x80\xae\0z"))});
    assert_string_equal(
        catch_end(),
        "time=" TIME " level=info event=store.open path=\"/x y\" ms=-12 rate=0.5 empty=\"\" "
        "none=\"\"\n"
        "time=" TIME " level=error event=bare\n"
        "time=" TIME " level=warn event=odd "
        "v=\"a\\\"b\\\\c=\\n\\t\\r\\u001b[2J\\u007f\\u009b\xef\xbf\xbd\\u202e\\u0000z\"\n");
}

static void json_lines(void **state)
{
    (void)state;
    core_log_setup(&env, CORE_LOG_DEBUG, true);
    catch_begin();
    core_log(CORE_LOG_DEBUG, "e", {"s", CORE_LOG_C("x\"\x01")}, {"i", CORE_LOG_I(7)},
             {"f", CORE_LOG_F(NAN)}, {"g", CORE_LOG_F(1e-9)});
    assert_string_equal(catch_end(), "{\"time\":\"" TIME "\",\"level\":\"debug\",\"event\":\"e\","
                                     "\"s\":\"x\\\"\\u0001\",\"i\":7,\"f\":null,\"g\":1e-09}\n");
}

/* What a line begins with is kept from one to the next: all that it depends on changes it. */
static void heads(void **state)
{
    (void)state;
    core_log_setup(&env, CORE_LOG_INFO, false);
    catch_begin();
    core_log(CORE_LOG_WARN, "a");
    core_log(CORE_LOG_ERROR, "a");
    wall_ms++;
    core_log(CORE_LOG_ERROR, "b=");
    core_log_set_json(true);
    core_log(CORE_LOG_ERROR, "b=");
    wall_ms = WALL_MS;
    core_log(CORE_LOG_ERROR, "b\"");
    assert_string_equal(
        catch_end(),
        "time=" TIME " level=warn event=a\n"
        "time=" TIME " level=error event=a\n"
        "time=2026-01-31T12:00:00.001Z level=error event=\"b=\"\n"
        "{\"time\":\"2026-01-31T12:00:00.001Z\",\"level\":\"error\",\"event\":\"b=\"}\n"
        "{\"time\":\"" TIME "\",\"level\":\"error\",\"event\":\"b\\\"\"}\n");
}

/* --- Values against the plain rule, a code point at a time ----------------------------------- */

static bool hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

static const char *by_rule(struct core_str s, bool json, char out[static 512])
{
    size_t n = 1;
    bool quoted = json || s.len == 0;
    out[0] = '"';
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        unsigned char byte = (unsigned char)s.ptr[at];
        quoted |= byte <= ' ' || byte >= 0x7f || strchr("\"=\\", byte);
        at += core_utf8_next(s, at, &c);
        const char *special = c > 0 && c < 0x80 ? strchr("\"\"\\\\\nn\tt\rr", (int)c) : NULL;
        if (special && !(c >= 'a' && c <= 'z'))
            n += (size_t)snprintf(out + n, 512 - n, "\\%c", special[1]);
        else if (hidden(c))
            n += (size_t)snprintf(out + n, 512 - n, "\\u%04x", c);
        else
            n += core_utf8_put(c, out + n);
    }
    if (quoted)
        out[n++] = '"';
    out[n] = '\0';
    return quoted ? out : out + 1;
}

static void on_kept(void *arg, const struct core_log_line *line)
{
    snprintf(arg, 2048, "%.*s", CORE_STR_ARG(line->fields));
}

static void check_value(struct core_str s, bool json)
{
    char rule[512], want[600], got[2048];
    core_log_later(CORE_LOG_INFO, "e", {"v", CORE_LOG_S(s)});
    const struct core_log_query newest = {.level = CORE_LOG_INFO, .max = 1};
    core_log_kept(&newest, on_kept, got);
    snprintf(want, sizeof want, "%s%s", json ? "\"v\":" : "v=", by_rule(s, json, rule));
    assert_string_equal(got, want);
}

/* Each byte at each place of strings of each length that words and what is left of them make. */
static void values_follow_the_rule(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "\xc3\xa4", "\xe2\x80\x8b", "\xef\xbb\xbf", "\xf0\x9f\x98\x80", "\xe2\x82",
        "!\"#",     "!!",           "~}",           "\xed\xa0\x80"};
    catch_begin();
    for (int json = 0; json < 2; json++) {
        core_log_setup(&env, CORE_LOG_INFO, json);
        for (size_t len = 0; len <= 26; len++) {
            char *text = malloc(len + 1); /* as long as the string, for the sanitizers */
            memset(text, 'x', len);
            check_value(core_strn(len > 0 ? text : NULL, len), json);
            for (size_t at = 0; at < len; at++) {
                for (int byte = 0; byte < 256; byte++) {
                    text[at] = (char)byte;
                    check_value(core_strn(text, len), json);
                }
                for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
                    size_t n = strlen(odd[i]) < len - at ? strlen(odd[i]) : len - at;
                    memcpy(text + at, odd[i], n);
                    check_value(core_strn(text, len), json);
                    memset(text + at, 'x', n);
                }
            }
            free(text);
        }
    }
    core_log_flush();
    catch_end();
}

/* One more byte than fits costs the tail; quotes count. */
static void long_values_are_cut_at_the_limit(void **state)
{
    (void)state;
    char value[CORE_LIMIT_LOG_VALUE + 9], got[2048], want[2048];
    memset(value, 'x', sizeof value);
    catch_begin();
    for (int json = 0; json < 2; json++) {
        core_log_setup(&env, CORE_LOG_INFO, json);
        size_t most = CORE_LIMIT_LOG_VALUE + !json;
        for (size_t len = most - 9; len <= sizeof value; len++) {
            const struct core_log_query newest = {.level = CORE_LOG_INFO, .max = 1};
            core_log_later(CORE_LOG_INFO, "e", {"v", CORE_LOG_S(core_strn(value, len))});
            core_log_kept(&newest, on_kept, got);
            snprintf(want, sizeof want, "%s%.*s%s%s",
                     json ? "\"v\":\"" : "v=", (int)(len < most ? len : most), value,
                     len > most ? "…" : "", json ? "\"" : "");
            assert_string_equal(got, want);
        }
    }
    core_log_flush();
    catch_end();
}

static void numbers(void **state)
{
    (void)state;
    core_log_setup(&env, CORE_LOG_INFO, false);
    catch_begin();
    core_log(CORE_LOG_INFO, "n", {"a", CORE_LOG_I(INT64_MIN)}, {"b", CORE_LOG_I(INT64_MAX)},
             {"c", CORE_LOG_I(0)}, {"d", CORE_LOG_F(-1.7976931348623157e308)},
             {"e", CORE_LOG_F(INFINITY)}, {"f", CORE_LOG_F(0)});
    assert_string_equal(catch_end(), "time=" TIME " level=info event=n a=-9223372036854775808 "
                                     "b=9223372036854775807 c=0 d=-1.79769e+308 e=inf f=0\n");
}

/* Any mix of long values: the line ends properly, in both forms. */
static void long_lines_are_cut_but_whole(void **state)
{
    (void)state;
    static const char *const fill[] = {"x", "\"", "\x01", "\xe2\x82\xac", "\xff"};
    for (int json = 0; json < 2; json++) {
        core_log_setup(&env, CORE_LOG_INFO, json);
        for (size_t f = 0; f < sizeof fill / sizeof *fill; f++) {
            for (size_t len = 900; len < 1100; len += 1) {
                char value[4000];
                size_t n = 0;
                for (size_t i = 0; i < len && n + 4 < sizeof value; i++)
                    n += (size_t)snprintf(value + n, sizeof value - n, "%s", fill[f]);
                catch_begin();
                struct core_log_value v = CORE_LOG_S(core_strn(value, n));
                core_log(CORE_LOG_INFO, "long", {"a", v}, {"b", v}, {"c", v}, {"d", v}, {"e", v},
                         {"f", CORE_LOG_I(1)});
                const char *line = catch_end();
                size_t got = strlen(line);
                assert_true(got <= CORE_LIMIT_LOG_LINE);
                assert_true(core_utf8_valid(core_strn(line, got)));
                assert_int_equal(line[got - 1], '\n');
                assert_ptr_equal(strchr(line, '\n'), line + got - 1);
                size_t quotes = 0;
                for (size_t i = 0; i < got; i++) {
                    if (line[i] == '\\')
                        i++;
                    else
                        quotes += line[i] == '"';
                }
                assert_int_equal(quotes % 2, 0);
                if (json)
                    assert_int_equal(line[got - 2], '}');
            }
        }
    }
}

static void levels(void **state)
{
    (void)state;
    enum core_log_level level = CORE_LOG_ERROR;
    assert_int_equal(core_log_level_parse(CORE_STR("debug"), &level), 0);
    assert_int_equal(level, CORE_LOG_DEBUG);
    assert_int_equal(core_log_level_parse(CORE_STR("DEBUG"), &level), CORE_EINVAL);
    assert_int_equal(core_log_level_parse(CORE_STR(""), &level), CORE_EINVAL);
    core_log_set_level(CORE_LOG_ERROR);
    assert_true(core_log_on(CORE_LOG_ERROR));
    assert_false(core_log_on(CORE_LOG_WARN));
}

/* What stderr has by now. */
static size_t written(void)
{
    struct stat st;
    assert_int_equal(fstat(STDERR_FILENO, &st), 0);
    return (size_t)st.st_size;
}

static void lines_gather(void **state)
{
    (void)state;
    core_log_setup(&env, CORE_LOG_INFO, false);
    catch_begin();
    core_log_flush();
    errno = 1234;
    core_log_later(CORE_LOG_INFO, "one", {"i", CORE_LOG_I(1)});
    core_log_later(CORE_LOG_DEBUG, "hidden");
    core_log_later(CORE_LOG_INFO, "two");
    assert_int_equal(written(), 0);
    core_log(CORE_LOG_WARN, "three");
    size_t three = written();
    core_log_later(CORE_LOG_INFO, "four");
    assert_int_equal(written(), three);
    core_log_flush();
    core_log_flush();
    assert_int_equal(errno, 1234);
    assert_string_equal(catch_end(), "time=" TIME " level=info event=one i=1\n"
                                     "time=" TIME " level=info event=two\n"
                                     "time=" TIME " level=warn event=three\n"
                                     "time=" TIME " level=info event=four\n");
}

/* As many as fit; more send those before on their way, whole. */
static void gathered_lines_have_a_cap(void **state)
{
    (void)state;
    core_log_setup(&env, CORE_LOG_INFO, false);
    catch_begin();
    char value[400];
    memset(value, 'v', sizeof value);
    size_t len = strlen("time=" TIME " level=info event=e v=\n") + sizeof value, before = 0;
    for (size_t n = 0; n < 100; n++) {
        size_t waiting = n * len - before;
        core_log_later(CORE_LOG_INFO, "e", {"v", CORE_LOG_S(core_strn(value, sizeof value))});
        if (waiting + len > CORE_LIMIT_LOG_LINE)
            before += waiting;
        assert_int_equal(written(), before);
    }
    assert_true(before > 0);
    core_log_flush();
    assert_int_equal(written(), 100 * len);
    catch_end();
}

static void *log_many(void *arg)
{
    for (int i = 0; i < 200; i++)
        core_log(CORE_LOG_INFO, "thread", {"n", CORE_LOG_I((intptr_t)arg)}, {"i", CORE_LOG_I(i)},
                 {"fill", CORE_LOG_C("................................................")});
    return NULL;
}

static void threads_do_not_interleave(void **state)
{
    (void)state;
    core_log_setup(&env, CORE_LOG_INFO, false);
    catch_begin();
    pthread_t threads[4];
    for (intptr_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, log_many, (void *)i), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    struct core_str all = core_str(catch_end());
    struct core_str line;
    size_t count = 0;
    while (core_str_split(&all, '\n', &line)) {
        assert_true(core_str_starts(line, CORE_STR("time=" TIME " level=info event=thread n=")));
        assert_true(core_str_ends(line, CORE_STR("....")));
        count++;
    }
    assert_int_equal(count, 800);
}

/* A full pipe that nobody reads costs the line, not the program. */
static void a_stuck_stderr_does_not_hang(void **state)
{
    (void)state;
    core_log_setup(&env, CORE_LOG_INFO, false);
    int fds[2];
    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    int keep = dup(STDERR_FILENO);
    dup2(fds[1], STDERR_FILENO);
    char block[4096] = {0};
    while (write(fds[1], block, sizeof block) > 0)
        ;
    alarm(20);
    core_log(CORE_LOG_INFO, "lost");
    alarm(0);
    dup2(keep, STDERR_FILENO);
    close(keep);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_lines),
        cmocka_unit_test(json_lines),
        cmocka_unit_test(heads),
        cmocka_unit_test(values_follow_the_rule),
        cmocka_unit_test(long_values_are_cut_at_the_limit),
        cmocka_unit_test(numbers),
        cmocka_unit_test(long_lines_are_cut_but_whole),
        cmocka_unit_test(levels),
        cmocka_unit_test(lines_gather),
        cmocka_unit_test(gathered_lines_have_a_cap),
        cmocka_unit_test(threads_do_not_interleave),
        cmocka_unit_test(a_stuck_stderr_does_not_hang),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
