// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <simdjson.h>
#include <string>
#include <string_view>

#include "base/utf8.hpp"
#include "common/chat/json_text.hpp"
#include "common/net/tail_room.hpp"

namespace tachikoma::kit {

using Json = simdjson::ondemand::value;

/// Parses one JSON object after another in place with simdjson, accepting what it rejects: invalid UTF-8, and
/// half a surrogate pair. Its views are valid until the next `open`.
class LenientJson {
 public:
  /// `text` has `kTailRoom` readable bytes behind it. False when it does not start an object.
  bool open(std::string_view text, simdjson::ondemand::object& root) {
    texts_.clear();
    simdjson::error_code failure = iterate(text);
    damaged_ = failure == simdjson::UTF8_ERROR;
    if (damaged_) {
      sound_ = mark_invalid_bytes(text);
      sound_.reserve(sound_.size() + kTailRoom);
      failure = iterate(sound_);
    }
    return !failure && !document_.get_object().get(root);
  }

  /// True if nothing follows the object; call it after reading the object.
  bool at_end() { return bool(document_.current_location().error()); }
  /// True when the text had bytes that are not UTF-8.
  bool damaged() const { return damaged_; }

  /// A string's content; empty for anything else. Once for each value: the parser has room for each text
  /// once.
  std::string_view string_of(Json& value) {
    simdjson::ondemand::json_type type;
    if (value.type().get(type) || type != simdjson::ondemand::json_type::string) return {};
    const std::string_view token = value.raw_json_token();
    std::string_view text;
    if (value.get_string().get(text)) return keep(unescape_leniently(token));
    return damaged_ ? keep(restore_invalid_bytes(text)) : text;
  }

  /// The text of an object; empty for anything else.
  std::string_view object_text(Json& value) {
    std::string_view text;
    simdjson::ondemand::object object;
    if (value.get_object().get(object) || object.raw_json().get(text)) return {};
    return damaged_ ? keep(restore_invalid_bytes(text)) : text;
  }

  /// The size of the largest text that it has room for.
  std::size_t capacity() const { return parser_.capacity(); }

  /// Keeps a text that is not part of the JSON alive.
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

 private:
  // The caller guarantees the readable bytes behind the text.
  simdjson::error_code iterate(std::string_view text) {
    return parser_.iterate(simdjson::padded_string_view(text.data(), text.size(), text.size() + kTailRoom))
        .get(document_);
  }

  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
  std::deque<std::string> texts_;
  std::string sound_;  // the text, with invalid bytes marked
  bool damaged_ = false;
};

/// Sets `out` if `value` is a count; a negative or fractional one is none.
inline void read_count(Json& value, std::optional<std::int64_t>& out) {
  std::int64_t count = 0;
  if (!value.get_int64().get(count) && count >= 0) out = count;
}

/// Calls `read(key, value)` for each member of an object until it returns false. False then, and when the
/// JSON is broken.
template <class Read>
bool for_each_member(simdjson::ondemand::object& object, Read read) {
  for (auto member : object) {
    std::string_view key;
    Json value;
    if (member.unescaped_key().get(key) || member.value().get(value) || !read(key, value)) return false;
  }
  return true;
}

}  // namespace tachikoma::kit
