// SPDX-License-Identifier: MIT
#include "config/source_text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "base/utf8.hpp"
#include "config/yaml_document.hpp"

namespace tachikoma::config {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Error unreadable(const std::string& file, const std::string& why) {
  return Error(ErrorCode::config_invalid, "can't read the configuration '" + file + "': " + why,
               "give a YAML or JSON file", Value::object({{"file", file}}));
}

std::string size_in_mib() { return std::to_string(kLargestFile >> 20) + " MiB"; }

bool forbidden_control(unsigned char byte) {
  return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
}

}  // namespace

Result<std::string> read_source(const std::string& file) {
  std::error_code failure;
  if (std::filesystem::is_directory(file, failure)) return unreadable(file, "it is a folder");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return unreadable(file, errno ? std::strerror(errno) : "it can't be opened");
  const auto content = std::make_unique_for_overwrite<char[]>(kLargestFile + 1);
  stream.read(content.get(), kLargestFile + 1);
  if (stream.bad()) return unreadable(file, "reading failed");
  const auto size = static_cast<std::size_t>(stream.gcount());
  if (size > kLargestFile) return unreadable(file, "it is larger than " + size_in_mib());
  return std::string(content.get(), size);
}

bool check_bytes(std::string_view given, Problems& problems) {
  if (given.starts_with("\xFF\xFE") || given.starts_with("\xFE\xFF")) {
    problems.add({{1, 1}, {}, "the file is UTF-16", "save it as UTF-8"});
    return false;
  }
  const std::string_view text = without_byte_order_mark(given);
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] >= ' ' && text[at] <= '~') {
      ++at;
      continue;
    }
    const std::size_t length = base::utf8_sequence_length(text.substr(at));
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length && !forbidden_control(byte)) {
      at += length;
      continue;
    }
    const Position position = SourceText(given).place(at);
    if (!length)
      problems.add({position, {}, "the file is not valid UTF-8 here", "save it as UTF-8"});
    else if (byte == 0)
      problems.add({position, {}, "the file has a NUL byte here", "save it as UTF-8 text"});
    else
      problems.add({position, {}, "the file has a control character here", "remove it"});
    return false;
  }
  return true;
}

std::string_view without_byte_order_mark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

SourceText::SourceText(std::string_view text, Edits edits)
    : text_(without_byte_order_mark(text)), edits_(std::move(edits)), lines_{0} {
  for (std::size_t at = 0; at < text_.size(); ++at)
    if (text_[at] == '\n') lines_.push_back(at + 1);
}

std::size_t SourceText::original(int offset) const {
  const std::size_t given = offset < 0 ? 0 : static_cast<std::size_t>(offset);
  std::ptrdiff_t at = static_cast<std::ptrdiff_t>(given);
  for (const Edit& edit : edits_)
    if (given > edit.at) at += edit.shift;
  return std::min(static_cast<std::size_t>(at), text_.size());
}

std::pair<std::string_view, std::size_t> SourceText::line(int offset) const {
  const std::size_t start = *(std::upper_bound(lines_.begin(), lines_.end(), original(offset)) - 1);
  return {text_.substr(start, text_.find('\n', start) - start), start};
}

Position SourceText::position(int offset) const { return place(original(offset)); }

Position SourceText::place(std::size_t at) const {
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), at);
  const std::size_t start = *(next - 1);
  const std::size_t characters = base::count_characters(std::string_view(text_).substr(start, at - start));
  return {static_cast<int>(next - lines_.begin()), static_cast<int>(characters) + 1};
}

std::size_t SourceText::skip_properties(std::size_t at) const {
  while (at < text_.size()) {
    const char byte = text_[at];
    if (byte == '#') {
      at = std::min(text_.find('\n', at), text_.size());
    } else if (byte == '&' || byte == '!') {
      at = std::min(text_.find_first_of(" \t\r\n", at), text_.size());
    } else if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') {
      ++at;
    } else {
      break;
    }
  }
  return at;
}

bool SourceText::quote_is_closed(int offset) const {
  std::size_t at = skip_properties(original(offset));
  if (at >= text_.size() || (text_[at] != '"' && text_[at] != '\'')) return true;
  const char quote = text_[at];
  for (++at; at < text_.size(); ++at) {
    if (quote == '"' && text_[at] == '\\') {
      ++at;
    } else if (text_[at] == quote) {
      const bool doubled = quote == '\'' && at + 1 < text_.size() && text_[at + 1] == '\'';
      if (!doubled) return true;
      ++at;
    }
  }
  return false;
}

}  // namespace tachikoma::config
