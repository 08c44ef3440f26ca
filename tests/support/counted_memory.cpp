// SPDX-License-Identifier: MIT
#include "support/counted_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace tachikoma::testing {
namespace {

thread_local bool counting = false;
thread_local std::ptrdiff_t in_use = 0, most_in_use = 0;

#ifndef TACHIKOMA_SANITIZED
void count(std::ptrdiff_t bytes) {
  if (!counting) return;
  in_use += bytes;
  most_in_use = std::max(most_in_use, in_use);
}

void* allocate(std::size_t size) {
  void* const block = std::malloc(size == 0 ? 1 : size);
  if (!block) throw std::bad_alloc();
  count(static_cast<std::ptrdiff_t>(::malloc_usable_size(block)));
  return block;
}

void release(void* block) {
  if (block) count(-static_cast<std::ptrdiff_t>(::malloc_usable_size(block)));
  std::free(block);
}
#endif

}  // namespace

CountedMemory::CountedMemory() {
  in_use = most_in_use = 0;
  counting = true;
}

CountedMemory::~CountedMemory() { counting = false; }

std::size_t CountedMemory::peak() const { return static_cast<std::size_t>(most_in_use); }

}  // namespace tachikoma::testing

#ifndef TACHIKOMA_SANITIZED
void* operator new(std::size_t size) { return tachikoma::testing::allocate(size); }
void operator delete(void* block) noexcept { tachikoma::testing::release(block); }
void operator delete(void* block, std::size_t) noexcept { tachikoma::testing::release(block); }
#endif
