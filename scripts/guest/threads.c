/*
 * threads N M: N threads add 1.0 M times each to a sum under one mutex, and 1 to an atomic counter without; each also sums the
 * square roots of 1 to M, which has to give the same in all of them.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static double sum;
static atomic_long count;
static long rounds;
static double roots[MOST];

static void *work(void *own)
{
    double *root = own;

    for (long i = 0; i < rounds; i++) {
        *root += __builtin_sqrt((double)(i + 1));
        pthread_mutex_lock(&lock);
        sum += 1.0;
        pthread_mutex_unlock(&lock);
        atomic_fetch_add(&count, 1);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread[MOST];
    int n = argc > 1 ? atoi(argv[1]) : 2;

    rounds = argc > 2 ? atol(argv[2]) : 1000;
    if (n < 1 || n > MOST)
        return 2;
    for (int i = 0; i < n; i++)
        if (pthread_create(&thread[i], NULL, work, &roots[i]) != 0)
            return 1;
    for (int i = 0; i < n; i++)
        pthread_join(thread[i], NULL);
    for (int i = 1; i < n; i++)
        if (roots[i] != roots[0])
            printf("baton: thread %d has %.17g, thread 0 has %.17g\n", i, roots[i], roots[0]);
    printf("baton: threads %.1f %ld %.9f\n", sum, atomic_load(&count), roots[0]);
    return 0;
}
