// SPDX-License-Identifier: MIT
#include "llamacpp/load_progress.hpp"

#include <string>

#include "llamacpp/proc_counter.hpp"
#include "llamacpp/process_tree.hpp"

namespace tachikoma::llamacpp {
namespace {

std::optional<std::uint64_t> bytes_taken_in_alone(pid_t process) {
  const std::string folder = "/proc/" + std::to_string(process) + "/";
  const auto read = proc_counter(folder + "io", "rchar:");
  const auto mapped_kib = proc_counter(folder + "status", "RssFile:");
  if (!read || !mapped_kib) return std::nullopt;
  return *read + *mapped_kib * 1024;
}

std::optional<std::uint64_t> bytes_taken_in(pid_t process) {
  std::optional<std::uint64_t> sum;
  for (const pid_t each : process_tree(process))
    if (const auto bytes = bytes_taken_in_alone(each)) sum = sum.value_or(0) + *bytes;
  return sum;
}

}  // namespace

void LoadProgress::start() { before_ = bytes_taken_in(process_); }

std::optional<double> LoadProgress::advance() {
  const std::optional<std::uint64_t> now = bytes_taken_in(process_);
  if (!now || !before_ || *now <= *before_ || model_bytes_ == 0) return std::nullopt;
  const double fraction = static_cast<double>(*now - *before_) / static_cast<double>(model_bytes_);
  if (fraction <= told_ || fraction >= 1) return std::nullopt;  // 1 is reported once it answers
  return told_ = fraction;
}

}  // namespace tachikoma::llamacpp
