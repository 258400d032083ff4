#include "BudgetEntry.h"

#include <stdlib.h>

// In the benchmarks' Swift code; does not return.
extern void chatbench_play(void);

// Benchmarks that are to be counted run before main. libdispatch parks the main thread of an asynchronous main in
// sigsuspend, with a mask that lies in read-only memory; valgrind before 3.20 writes to that mask, and dies.
__attribute__((constructor)) static void chatbench_play_instead_of_tests(void) {
    if (getenv("CHATBENCH_BENCHMARK") != NULL) chatbench_play();
}

__attribute__((noinline)) void chatbench_measured(void (*body)(void *), void *context) {
    body(context);
    // Without it the call could be a jump, and callgrind would not see where the body ends.
    __asm__ volatile("");
}
