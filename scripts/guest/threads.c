/* threads N M: N threads add 1.0 M times each to a sum under one mutex, and 1 to an atomic counter without. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static double sum;
static atomic_long count;
static long rounds;

static void *work(void *unused)
{
    for (long i = 0; i < rounds; i++) {
        pthread_mutex_lock(&lock);
        sum += 1.0;
        pthread_mutex_unlock(&lock);
        atomic_fetch_add(&count, 1);
    }
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t thread[MOST];
    int n = argc > 1 ? atoi(argv[1]) : 2;

    rounds = argc > 2 ? atol(argv[2]) : 1000;
    if (n < 1 || n > MOST)
        return 2;
    for (int i = 0; i < n; i++)
        if (pthread_create(&thread[i], NULL, work, NULL) != 0)
            return 1;
    for (int i = 0; i < n; i++)
        pthread_join(thread[i], NULL);
    printf("baton: threads %.1f %ld\n", sum, atomic_load(&count));
    return 0;
}
