// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

namespace tachikoma::async {

/// Marks this thread, while it exists, as running a tool of the generation with that id, which must outlive
/// it: what the tool asks for there is asked for by that generation.
class ToolScope {
 public:
  explicit ToolScope(const std::string& id) : before_(std::exchange(current(), &id)) {}
  ~ToolScope() { current() = before_; }
  ToolScope(const ToolScope&) = delete;
  ToolScope& operator=(const ToolScope&) = delete;

  /// The generation whose tool runs on this thread; empty: none.
  static std::string here() { return current() ? *current() : std::string(); }

 private:
  static const std::string*& current() {
    thread_local const std::string* value = nullptr;
    return value;
  }

  const std::string* const before_;
};

}  // namespace tachikoma::async
