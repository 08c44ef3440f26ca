// SPDX-License-Identifier: MIT
#include "http/text_encoding.hpp"

#include <Poco/UTF8Encoding.h>

namespace lmstudio_sim {
namespace {

// The length of the character at the start, or 0 when there is none.
std::size_t character_length(std::string_view text) {
  static const Poco::UTF8Encoding kEncoding;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (bytes[0] < 0x80) return 1;
  const int length = kEncoding.sequenceLength(bytes, static_cast<int>(text.size()));
  return length > 0 && Poco::UTF8Encoding::isLegal(bytes, length) ? static_cast<std::size_t>(length) : 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string repaired_utf8(std::string_view text) {
  std::string repaired;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    repaired += length > 0 ? text.substr(0, length) : "\uFFFD";
    text.remove_prefix(length > 0 ? length : 1);
  }
  return repaired;
}

}  // namespace lmstudio_sim
