/*
 * clock_shim.c: a wall clock that jumps, for a program that knows nothing of it: preloaded, it
 * stands between the program and the C library's calls that tell the time of day. What only goes
 * forward (CLOCK_MONOTONIC) goes on as it was, as it does when somebody sets a machine's clock.
 *
 *     SKY_SHIM_CLOCK     a file of one struct control, shared with the test, which changes it at will
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* The test writes and reads this as little-endian 64-bit numbers. */
struct control {
    atomic_llong ahead_s; /* of the true time; negative: behind it */
    atomic_ullong asked; /* how often the time was told, so that the test knows it was asked here */
};

static struct control *control;

__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv("SKY_SHIM_CLOCK");
    int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
    void *map;

    if (fd < 0)
        return;
    map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        abort();
    control = map;
}

static time_t ahead(void)
{
    if (!control)
        return 0;
    atomic_fetch_add(&control->asked, 1);
    return (time_t)atomic_load(&control->ahead_s);
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    static __typeof__(&clock_gettime) real;
    int failed;

    if (!real)
        real = (__typeof__(real))dlsym(RTLD_NEXT, "clock_gettime");
    failed = real(clock, out);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        out->tv_sec += ahead();
    return failed;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    int failed = clock_gettime(CLOCK_REALTIME, &now);

    (void)zone;
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return failed;
}

time_t time(time_t *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
