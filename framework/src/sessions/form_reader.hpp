// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::sessions {

/// Reads a JSON value into a struct. Remembers the first thing that is not as it has to be, and every member
/// that nobody knows.
class FormReader {
 public:
  /// "'tool_calls[0].id' is an integer; it must be a string"; empty: nothing is wrong.
  const std::string& fault() const { return fault_; }
  /// The members that were not known: "tool_calls[0].kind".
  const std::vector<std::string>& unknown() const { return unknown_; }

  /// Calls `read(name, value)` for each member of an object; it returns false for a name that it does not
  /// know.
  template <class Read>
  void object(const Value& from, const Read& read) {
    if (!require(from.is_object(), from, "an object")) return;
    for (const Member& member : from.members())
      within((place_.empty() ? "" : ".") + member.key, [&] {
        if (!read(std::string_view(member.key), member.value)) unknown_.push_back(place_);
      });
  }
  /// Calls `read(element)` for each element of an array.
  template <class Read>
  void list(const Value& from, const Read& read) {
    if (!require(from.is_array(), from, "an array")) return;
    for (std::size_t i = 0; i < from.elements().size(); ++i)
      within("[" + std::to_string(i) + "]", [&] { read(from.elements()[i]); });
  }

  /// False if it does not hold: `found` is at fault then.
  bool require(bool holds, const Value& found, std::string_view expected);

 private:
  template <class Read>
  void within(const std::string& part, const Read& read) {
    const std::size_t size = place_.size();
    place_ += part;
    read();
    place_.resize(size);
  }

  std::string place_;
  std::string fault_;
  std::vector<std::string> unknown_;
};

}  // namespace tachikoma::sessions
