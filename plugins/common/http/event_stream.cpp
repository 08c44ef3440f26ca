// SPDX-License-Identifier: MIT
#include "common/http/event_stream.hpp"

#include <cstring>

#include "common/net/tail_room.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Position of the first CR or LF; npos when there is none.
std::size_t find_line_end(std::string_view text) {
  if (text.starts_with('\n')) return 0;  // every second line: events end with an empty one
  const void* newline = std::memchr(text.data(), '\n', text.size());
  const std::size_t end =
      newline ? static_cast<std::size_t>(static_cast<const char*>(newline) - text.data()) : text.size();
  const void* carriage_return = std::memchr(text.data(), '\r', end);
  if (carriage_return)
    return static_cast<std::size_t>(static_cast<const char*>(carriage_return) - text.data());
  return newline ? end : std::string_view::npos;
}

// The value of a line whose field is `name`.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  if (!line.starts_with(name)) return std::nullopt;
  line.remove_prefix(name.size());
  if (line.empty()) return line;
  if (line.front() != ':') return std::nullopt;
  line.remove_prefix(line.substr(1).starts_with(' ') ? 2 : 1);
  return line;
}

// Room behind the text, so that it can be parsed in place.
void assign_with_room(std::string& out, std::string_view text) {
  out.reserve(text.size() + kTailRoom);
  out.assign(text);
}

}  // namespace

std::optional<StreamEvent> EventStreamSplitter::next() {
  if (dispatched_) {
    dispatched_ = has_data_ = data_kept_ = false;
    data_view_ = {};
    type_.clear();
  }
  while (!overflowed_) {
    const std::optional<std::string_view> line = next_line();
    if (!line) {
      if (has_data_ && finished_ && !overflowed_) {
        dispatched_ = true;
        return StreamEvent{type_, data_view_};
      }
      keep_data();
      return std::nullopt;
    }
    if (!line->empty()) {
      read_line(*line);
      continue;
    }
    if (has_data_) {
      dispatched_ = true;
      return StreamEvent{type_, data_view_};
    }
    type_.clear();
  }
  return std::nullopt;
}

std::optional<std::string_view> EventStreamSplitter::next_line() {
  if (line_kept_) {
    line_.clear();
    line_kept_ = false;
  }
  if (skip_newline_ && !input_.empty()) {
    if (input_.front() == '\n') input_.remove_prefix(1);
    skip_newline_ = false;
  }
  if (input_.empty() && !(finished_ && !line_.empty())) return std::nullopt;
  const std::size_t end = input_.empty() ? std::string_view::npos : find_line_end(input_);
  std::string_view line = input_.substr(0, end);
  if (line_.size() + line.size() > kMaxEvent) {
    overflowed_ = true;
    return std::nullopt;
  }
  if (end == std::string_view::npos) {
    line_ += line;
    input_ = {};
    if (!finished_) return std::nullopt;
  } else {
    const bool pair = input_[end] == '\r' && end + 1 < input_.size() && input_[end + 1] == '\n';
    skip_newline_ = input_[end] == '\r' && end + 1 == input_.size();
    input_.remove_prefix(end + (pair ? 2 : 1));
    if (!line_.empty()) line_ += line;
  }
  if (!line_.empty()) {
    line_kept_ = true;
    line = line_;
  }
  if (first_line_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  first_line_ = false;
  return line;
}

void EventStreamSplitter::read_line(std::string_view line) {
  if (const auto data = value_of(line, "data")) {
    add_data(*data);
  } else if (const auto type = value_of(line, "event")) {
    type_.assign(*type);
  } else if (const auto fault = value_of(line, "error")) {
    type_ = "error";
    add_data(*fault);
  }
}

void EventStreamSplitter::add_data(std::string_view value) {
  if (!has_data_) {
    has_data_ = true;
    data_view_ = value;
    if (line_kept_) keep_data();
    return;
  }
  keep_data();
  if (data_.size() + value.size() > kMaxEvent) {
    overflowed_ = true;
    return;
  }
  data_.reserve(data_.size() + 1 + value.size() + kTailRoom);
  data_ += '\n';
  data_ += value;
  data_view_ = data_;
}

// The input, or the kept line, is about to be released: copies what belongs to an unfinished event.
void EventStreamSplitter::keep_data() {
  if (!has_data_ || data_kept_) return;
  assign_with_room(data_, data_view_);
  data_view_ = data_;
  data_kept_ = true;
}

}  // namespace tachikoma::kit
