/* Random numbers for the command that initialises the component: always the same ones,
   so that what is built is the same too. */

#include <string.h>
#include <sys/types.h>

ssize_t getrandom(void *bytes, size_t count, unsigned flags) {
    (void)flags;
    memset(bytes, 7, count);
    return count;
}
