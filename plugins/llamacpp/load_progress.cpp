// SPDX-License-Identifier: MIT
#include "llamacpp/load_progress.hpp"

#include <fstream>
#include <string>

namespace tachikoma::llamacpp {
namespace {

// The number in the line "NAME: 12 kB".
std::optional<std::uint64_t> number_in(const std::string& file, const std::string& name) {
  std::ifstream in(file);
  for (std::string word; in >> word;) {
    std::uint64_t number = 0;
    if (word == name && in >> number) return number;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> bytes_taken_in(pid_t process) {
  const std::string folder = "/proc/" + std::to_string(process) + "/";
  const auto read = number_in(folder + "io", "rchar:");
  const auto mapped_kib = number_in(folder + "status", "RssFile:");
  if (!read || !mapped_kib) return std::nullopt;
  return *read + *mapped_kib * 1024;
}

}  // namespace

void LoadProgress::start() { before_ = bytes_taken_in(process_); }

std::optional<double> LoadProgress::advance() {
  const std::optional<std::uint64_t> now = bytes_taken_in(process_);
  if (!now || !before_ || *now <= *before_ || model_bytes_ == 0) return std::nullopt;
  const double fraction = static_cast<double>(*now - *before_) / static_cast<double>(model_bytes_);
  if (fraction <= told_ || fraction >= 1) return std::nullopt;  // 1 is told once it answers
  return told_ = fraction;
}

}  // namespace tachikoma::llamacpp
