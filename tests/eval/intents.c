/* intents.c: reads messages, one a line; writes the
 * intent of each and its confidence, a tab between them. */
#include "genom/genom.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getline(&line, &cap, stdin)) >= 0) {
        struct genom_intent intent;
        if (len > 0 && line[len - 1] == '\n')
            len--;
        genom_intent(line, (size_t)len, &intent);
        printf("%s\t%u.%02u\n", intent.name, intent.confidence / 100, intent.confidence % 100);
    }
    free(line);
    return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
