// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace tachikoma::testing {

/// Counts what this thread allocates with `new` while the object lives; one at a time. For the program that
/// compiles counted_memory.cpp, whose operator new it needs. Under a sanitizer, which has its own, it counts
/// nothing.
class CountedMemory {
 public:
  CountedMemory();
  ~CountedMemory();
  CountedMemory(const CountedMemory&) = delete;
  CountedMemory& operator=(const CountedMemory&) = delete;

  /// The most bytes that were in use together.
  std::size_t peak() const;
};

}  // namespace tachikoma::testing
