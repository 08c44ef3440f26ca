// SPDX-License-Identifier: MIT
#include "common/chat/call_arguments.hpp"

#include <utility>

#include "base/json.hpp"
#include "common/chat/call_names.hpp"

namespace tachikoma::kit {
namespace {

/// The most that is held back of one call.
constexpr std::size_t kMaxHeld = 256 * 1024;

}  // namespace

// Follows the braces of the object, so that its end is known without parsing it again and again.
void CallArguments::scan(std::string_view text) {
  for (char c : text) {
    if (std::exchange(escaped_, false)) continue;
    if (in_text_) {
      escaped_ = c == '\\';
      in_text_ = c != '"';
    } else if (c == '"') {
      in_text_ = true;
    } else if (c == '{' || c == '[') {
      opened_ = true;
      ++depth_;
    } else if ((c == '}' || c == ']') && depth_ > 0) {
      --depth_;
    }
  }
}

std::string_view CallArguments::push(std::string_view piece) {
  const std::string_view start = trimmed(piece);
  if (start.empty() && !opened_) return {};
  if (!holds_) {
    const bool again = whole() && start.starts_with('{');
    const bool none_yet = passed_.empty() && (start == "{}" || start.starts_with('"'));
    if (!again && !none_yet) {
      scan(piece);
      passed_ += piece;
      return piece;
    }
    holds_ = true;
  } else if (trimmed(held_) == "{}" && start.starts_with('{')) {
    held_.clear();
    holds_ = false;
    return push(piece);
  }
  held_ += piece;
  return held_.size() > kMaxHeld ? give_up() : std::string_view();
}

// What is larger belongs to the call, and whoever bounds its size must see it.
std::string_view CallArguments::give_up() {
  const std::size_t start = passed_.size();
  holds_ = false;
  scan(held_);
  passed_ += std::exchange(held_, {});
  return std::string_view(passed_).substr(start);
}

bool CallArguments::is_repeated_by(std::string_view text) const {
  return whole() && trimmed(text) == trimmed(passed_);
}

std::string CallArguments::finish() {
  std::string held = std::exchange(held_, {});
  if (!std::exchange(holds_, false) || is_repeated_by(held)) return {};
  if (!trimmed(held).starts_with('"')) return held;
  const Result<Value> text = base::parse_json(held);
  if (!text || !text->is_string()) return held;
  const Result<Value> inner = base::parse_json(text->as_string());
  return inner && inner->is_object() ? std::string(text->as_string()) : held;
}

}  // namespace tachikoma::kit
