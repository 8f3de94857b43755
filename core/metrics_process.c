/*
 * metrics_process.c: what the kernel knows about this process, under the names that Prometheus
 * client libraries agree on. Read afresh at each rendering; nothing is kept but the boot time.
 */
#include "core/metrics_process.h"

#include "core/env.h"
#include "core/limits.h"
#include "core/metrics.h"

#include <dirent.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

static void add(struct core_buf *out, const char *name, const char *type, const char *help,
                double value)
{
    char text[CORE_DOUBLE_SIZE];
    core_str_from_double(value, 15, text);
    core_buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n%s %s\n", name, help, name, type, name, text);
}

static bool read_proc(const char *path, struct core_buf *b)
{
    const struct core_env *env = core_env_real();
    core_buf_init(b, CORE_LIMIT_PROC_FILE);
    return env->fs->read(env->ctx, path, b) == 0;
}

/* The n-th of the words of s, counted from 0, as a number; -1 if there is none. */
static int64_t word_number(struct core_str s, size_t n)
{
    struct core_str word;
    int64_t value = -1;
    for (size_t i = 0; core_str_split(&s, ' ', &word); i++)
        if (i == n && core_str_to_i64(core_str_trim(word), 0, INT64_MAX, &value) == 0)
            return value;
    return -1;
}

/* Seconds since 1970 at which the machine started; -1 if unknown. */
static int64_t boot_time(void)
{
    static atomic_int_least64_t known = -1;
    int64_t at = atomic_load_explicit(&known, memory_order_relaxed);
    if (at >= 0)
        return at;
    struct core_buf b;
    if (read_proc("/proc/stat", &b)) {
        struct core_str all = core_buf_str(&b);
        struct core_str line;
        while (at < 0 && core_str_split(&all, '\n', &line))
            if (core_str_starts(line, CORE_STR("btime ")))
                at = word_number(line, 1);
    }
    core_buf_done(&b);
    atomic_store_explicit(&known, at, memory_order_relaxed);
    return at;
}

/* Fields of /proc/self/stat, counted after the program's
 * name, which may hold anything but its last ')'. */
static void read_stat(struct core_process *ret)
{
    struct core_buf b;
    if (read_proc("/proc/self/stat", &b)) {
        struct core_str s = core_buf_str(&b);
        while (s.len > 0 && s.ptr[s.len - 1] != ')')
            s.len--;
        size_t name_end = s.len + 1 < b.len ? s.len + 1 : b.len;
        s = core_strn(b.ptr + name_end, b.len - name_end);
        int64_t started = word_number(s, 19);
        int64_t resident = word_number(s, 21);
        int64_t boot = boot_time();
        ret->virtual_bytes = word_number(s, 20);
        if (resident >= 0)
            ret->memory_bytes = resident * sysconf(_SC_PAGESIZE);
        if (started >= 0 && boot >= 0)
            ret->started_s = boot + started / sysconf(_SC_CLK_TCK);
    }
    core_buf_done(&b);
}

void core_process_now(struct core_process *ret)
{
    struct rusage usage;
    *ret = (struct core_process){-1, -1, -1, -1};
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        ret->cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    read_stat(ret);
}

static void add_descriptors(struct core_buf *out)
{
    DIR *dir = opendir("/proc/self/fd");
    if (dir) {
        size_t count = 0;
        for (const struct dirent *e; (e = readdir(dir));)
            count += e->d_name[0] != '.';
        closedir(dir);
        /* Without the one that was opened to count. */
        add(out, "process_open_fds", "gauge", "Open descriptors.", (double)(count - (count > 0)));
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        add(out, "process_max_fds", "gauge", "Most descriptors allowed.", (double)limit.rlim_cur);
}

void core_metrics_process_render(struct core_buf *out)
{
    struct core_process p;
    core_process_now(&p);
    if (p.cpu_s >= 0)
        add(out, "process_cpu_seconds_total", "counter", "User and system time.", p.cpu_s);
    if (p.memory_bytes >= 0)
        add(out, "process_resident_memory_bytes", "gauge", "Memory in RAM.",
            (double)p.memory_bytes);
    if (p.virtual_bytes >= 0)
        add(out, "process_virtual_memory_bytes", "gauge", "Memory mapped.",
            (double)p.virtual_bytes);
    if (p.started_s >= 0)
        add(out, "process_start_time_seconds", "gauge", "Start, in seconds since 1970.",
            (double)p.started_s);
    add_descriptors(out);
}
