// What Swift's own module of the C library leaves out: epoll, and three functions that glibc shows to _GNU_SOURCE only.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/types.h>
#include <time.h>

extern int ppoll(struct pollfd *sockets, nfds_t count, const struct timespec *timeout, const void *signals);
extern int sched_setaffinity(pid_t thread, size_t size, const void *cores);
extern int sched_getaffinity(pid_t thread, size_t size, void *cores);
