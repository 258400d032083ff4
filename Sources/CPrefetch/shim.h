// Swift has no way to say it: bring a cache line here, it will be read soon. Any address will do, also one of nothing.
static inline void prefetch_line(const void *address) {
    __builtin_prefetch(address);
}
