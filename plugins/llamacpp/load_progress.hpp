// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include <sys/types.h>

namespace tachikoma::llamacpp {

/// How much of a model's files a process has taken in so far, by the kernel's count of what it read and of
/// what it mapped: llama.cpp's server tells a router that started it, and nobody else.
class LoadProgress {
 public:
  LoadProgress(pid_t process, std::uint64_t model_bytes) : process_(process), model_bytes_(model_bytes) {}

  /// Before the process begins with the files: what it takes in until then, its libraries, does not count.
  void start();
  /// A fraction below 1, greater than the last one; nothing while there is none.
  std::optional<double> advance();

 private:
  pid_t process_;
  std::uint64_t model_bytes_;
  std::optional<std::uint64_t> before_;
  double told_ = 0;
};

}  // namespace tachikoma::llamacpp
