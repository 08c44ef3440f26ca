// SPDX-License-Identifier: MIT
// To be preloaded: counts what a program allocates, in every library of it.
#include <atomic>
#include <cstddef>

extern "C" {

// glibc's own functions, which stay reachable under these names
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

static std::atomic<long long> allocations{0};

static void count_one() { allocations.fetch_add(1, std::memory_order_relaxed); }

long long tachikoma_bench_allocations() { return allocations.load(); }

void* malloc(std::size_t size) {
  count_one();
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  count_one();
  return __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) {
  count_one();
  return __libc_realloc(block, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count_one();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  count_one();
  *block = __libc_memalign(alignment, size);
  return *block ? 0 : 12;  // ENOMEM
}

}  // extern "C"
