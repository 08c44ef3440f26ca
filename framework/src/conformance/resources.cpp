// SPDX-License-Identifier: MIT
#include "conformance/resources.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <malloc.h>
#include <thread>

namespace tachikoma::conformance {
namespace {

namespace fs = std::filesystem;

constexpr auto kMoment = std::chrono::milliseconds(500);
constexpr auto kPause = std::chrono::milliseconds(5);
constexpr int kRounds = 8;
constexpr int kUsesInRound = 20;
constexpr std::size_t kLeakOfUse = 48;  // bytes: less may be the allocator's own noise

std::size_t leaked_in_round(const std::function<void()>& use) {
  const std::size_t before = heap_bytes();
  for (int i = 0; i < kUsesInRound; ++i) use();
  const std::size_t after = heap_bytes();
  return after > before ? (after - before) / kUsesInRound : 0;
}

}  // namespace

std::size_t count_threads() {
  std::error_code failed;
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator("/proc/self/task", failed), fs::directory_iterator()));
}

std::size_t settled_threads(std::size_t most) {
  const auto until = std::chrono::steady_clock::now() + kMoment;
  std::size_t count = count_threads();
  while (count > most && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kPause);
    count = count_threads();
  }
  return count;
}

std::vector<std::string> open_files() {
  std::vector<std::string> all;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd", failed)) {
    const std::string target = fs::read_symlink(entry.path(), failed).string();
    if (!target.starts_with("/proc/")) all.push_back(entry.path().filename().string() + " -> " + target);
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::size_t heap_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

Verdict judge_memory(const std::function<void()>& use, const std::string& what) {
  leaked_in_round(use);  // fills what is kept
  std::size_t least = SIZE_MAX;
  for (int i = 0; i < kRounds && least >= kLeakOfUse; ++i) least = std::min(least, leaked_in_round(use));
  if (least < kLeakOfUse) return pass();
  return fail(what + " leaves " + std::to_string(least) + " bytes of memory behind, each time");
}

Verdict judge_threads(const std::function<void()>& use) {
  use();  // what it starts once may stay
  const std::size_t before = count_threads();
  for (int i = 0; i < 3; ++i) use();
  const std::size_t after = settled_threads(before);
  if (after <= before) return pass();
  return fail(std::to_string(after - before) + " more threads run than before, after three times");
}

Verdict judge_files(const std::function<void()>& use) {
  use();
  const std::vector<std::string> before = open_files();
  for (int i = 0; i < 3; ++i) use();
  std::vector<std::string> more;
  const std::vector<std::string> after = open_files();
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(more));
  if (after.size() <= before.size() || more.empty()) return pass();
  return fail(std::to_string(more.size()) + " more files are open than before, such as " + more.front());
}

}  // namespace tachikoma::conformance
