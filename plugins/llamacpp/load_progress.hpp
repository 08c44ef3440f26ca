// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include <sys/types.h>

namespace tachikoma::llamacpp {

/// How much of a model's files a process and its children (of a script that starts the server) have loaded so
/// far, by the kernel's counts of read and mapped bytes: llama.cpp's server reports its progress only to a
/// router that started it.
class LoadProgress {
 public:
  LoadProgress(pid_t process, std::uint64_t model_bytes) : process_(process), model_bytes_(model_bytes) {}

  /// Call before the process starts reading the files, so that its libraries don't count.
  void start();
  /// A fraction below 1, greater than the last one; nullopt if there is none.
  std::optional<double> advance();

 private:
  pid_t process_;
  std::uint64_t model_bytes_;
  std::optional<std::uint64_t> before_;
  double told_ = 0;
};

}  // namespace tachikoma::llamacpp
