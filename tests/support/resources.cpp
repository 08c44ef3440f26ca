// SPDX-License-Identifier: MIT
#include "support/resources.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <ostream>
#include <string>
#include <thread>
#include <unistd.h>

#include "support/wait.hpp"

namespace tachikoma::testing {
namespace {

// A sanitizer starts a thread of its own with the program's first one: here, at the latest.
void start_first_thread() {
  std::string task = "/proc/self/task/";
  std::thread([&] { task += std::to_string(::gettid()); }).join();
  while (std::filesystem::exists(task))
    std::this_thread::yield();  // it is listed for a moment after it ended
}

}  // namespace

Resources::Resources() {
  start_first_thread();
  // the listing opens the folder that it lists: that one is left out
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone);
    if (!gone && target.rfind("/proc/", 0) != 0) descriptors.push_back(target);
  }
  std::sort(descriptors.begin(), descriptors.end());
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  threads = static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

Resources Resources::settled(const Resources& before) {
  Resources now;
  comes_true(std::chrono::seconds(20), [&] {
    now = Resources();
    return now == before;
  });
  return now;
}

std::ostream& operator<<(std::ostream& out, const Resources& resources) {
  out << resources.threads << " threads";
  for (const std::string& each : resources.descriptors) out << ", " << each;
  return out;
}

}  // namespace tachikoma::testing
