// SPDX-License-Identifier: MIT
#include "common/http/http_response.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "base/ascii.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::size_t kMaxHead = 64 * 1024;
constexpr std::size_t kMaxFields = 200;
constexpr std::size_t kUsualFields = 16;
constexpr std::size_t kMaxChunkLine = 4 * 1024;
constexpr std::size_t kPlainDigits = 8;
constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 62;

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

constexpr std::array<bool, 256> token_characters() {
  std::array<bool, 256> allowed{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
    allowed[static_cast<unsigned char>(c)] = true;
  return allowed;
}

bool is_token(std::string_view text) {
  static constexpr std::array<bool, 256> kAllowed = token_characters();
  const auto allowed = [](char c) { return kAllowed[static_cast<unsigned char>(c)]; };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

// True when the comma-separated list holds `word`.
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (base::same_ignoring_case(trim(list.substr(0, comma)), word)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size() || number > kMaxSize) return std::nullopt;
  return number;
}

// What servers call a body that is not encoded: RFC 9110's word, and what proxies and frameworks write.
bool is_not_encoded(std::string_view encoding) {
  constexpr std::string_view kWords[] = {"", "identity", "none", "utf-8", "utf8", "binary", "8bit"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view word) { return base::same_ignoring_case(encoding, word); });
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text.substr(0, 60)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return out + (text.size() > 60 ? "…'" : "'");
}

constexpr std::array<signed char, 256> kHexDigits = [] {
  std::array<signed char, 256> digits{};
  digits.fill(-1);
  for (int i = 0; i < 16; ++i)
    for (const std::string_view digit : {"0123456789abcdef", "0123456789ABCDEF"})
      digits[static_cast<unsigned char>(digit[static_cast<std::size_t>(i)])] = static_cast<signed char>(i);
  return digits;
}();

// -1: it is none.
int hex_digit(char c) { return kHexDigits[static_cast<unsigned char>(c)]; }

}  // namespace

std::string_view HttpHead::header(std::string_view name) const {
  for (const Field& field : fields)
    if (base::same_ignoring_case(field.name, name)) return field.value;
  return {};
}

HttpResponseParser::Event HttpResponseParser::next() {
  while (true) {
    switch (state_) {
      case State::ended:
      case State::failed: return Event::none;
      case State::announce: state_ = framing_; return Event::head;
      case State::ending: state_ = State::ended; return Event::end;
      default: break;
    }
    if (input_.empty()) return Event::none;
    started_ = true;
    switch (state_) {
      case State::head: read_head(); break;
      case State::sized: return take_body(remaining_);
      case State::chunk_data: return take_body(remaining_);
      case State::until_close: return take_body(kMaxSize);
      case State::chunk_size:
        if (take_whole_chunk()) return Event::body;
        read_chunk_size();
        break;
      case State::chunk_end: read_chunk_end(); break;
      case State::trailer: read_trailer(); break;
      default: break;
    }
  }
}

HttpResponseParser::Event HttpResponseParser::take_body(std::uint64_t limit) {
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(limit, input_.size()));
  body_ = input_.substr(0, size);
  input_.remove_prefix(size);
  if (state_ != State::until_close) {
    remaining_ -= size;
    if (remaining_ == 0) {
      state_ = state_ == State::sized ? State::ending : State::chunk_end;
      line_length_ = 0;
    }
  }
  return Event::body;
}

// The usual head is in one piece, where it can stay.
bool HttpResponseParser::read_whole_head() {
  if (!text_.empty() || !input_.starts_with("HTTP/1.")) return false;
  const std::string_view text = input_.substr(0, kMaxHead);
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    const std::string_view rest = text.substr(at + 1);
    if (!rest.starts_with('\n') && !rest.starts_with("\r\n")) continue;
    const std::size_t size = at + (rest.front() == '\r' ? 3 : 2);
    input_.remove_prefix(size);
    end_of_head(text.substr(0, size));
    return true;
  }
  return false;
}

HttpResponseParser::Event HttpResponseParser::read_head() {
  if (read_whole_head()) return Event::none;
  while (state_ == State::head && !input_.empty()) {
    const std::size_t newline = input_.find('\n');
    const bool whole = newline != std::string_view::npos;
    const std::size_t size = whole ? newline + 1 : input_.size();
    if (text_.size() + size > kMaxHead) {
      fail("its head is longer than " + std::to_string(kMaxHead) + " bytes");
      break;
    }
    text_ += input_.substr(0, size);
    input_.remove_prefix(size);
    constexpr std::string_view kStart = "HTTP/1.";
    const std::size_t known = std::min(text_.size(), kStart.size());
    if (text_.compare(0, known, kStart.substr(0, known)) != 0 && text_[0] != '\r' && text_[0] != '\n') {
      fail("it does not start with HTTP/1");
      break;
    }
    if (!whole) break;
    std::string_view line(text_.data() + line_start_, text_.size() - line_start_ - 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) {
      line_start_ = text_.size();
    } else if (line_start_ == 0) {
      text_.clear();  // empty lines before the status line
    } else {
      end_of_head(text_);
    }
  }
  return Event::none;
}

// The text is complete and will not move any more: now views into it are safe.
void HttpResponseParser::end_of_head(std::string_view rest) {
  head_.fields.reserve(kUsualFields);
  bool first = true;
  while (!rest.empty()) {
    const std::size_t newline = rest.find('\n');
    std::string_view line = rest.substr(0, newline);
    rest.remove_prefix(newline + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) break;
    if (!(first ? read_status_line(line) : read_field(line))) return;
    first = false;
  }
  if (head_.status >= 100 && head_.status < 200) {
    if (head_.status == 101) return fail("it switches protocols, which was not requested");
    head_ = {};
    text_.clear();
    line_start_ = 0;
    return;
  }
  choose_framing();
}

bool HttpResponseParser::read_status_line(std::string_view line) {
  // "HTTP/1." was checked; a digit, a space and three digits follow
  const bool shaped = line.size() >= 12 && (line[7] == '0' || line[7] == '1') && line[8] == ' ' &&
                      (line.size() == 12 || line[12] == ' ');
  const auto status = shaped ? to_number(line.substr(9, 3)) : std::nullopt;
  if (!status || *status < 100) {
    fail("its status line is " + quoted(line));
    return false;
  }
  http_1_0_ = line[7] == '0';
  head_.status = static_cast<int>(*status);
  return true;
}

bool HttpResponseParser::read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  const bool folded = line[0] == ' ' || line[0] == '\t';
  if (folded || colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    fail((folded ? "its header is folded at " : "its header has the line ") + quoted(line));
    return false;
  }
  const std::string_view value = trim(line.substr(colon + 1));
  const auto control = [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; };
  if (std::any_of(value.begin(), value.end(), control)) {
    fail("its header '" + std::string(line.substr(0, colon)) + "' holds a control character");
    return false;
  }
  if (head_.fields.size() == kMaxFields) {
    fail("it has more than " + std::to_string(kMaxFields) + " headers");
    return false;
  }
  head_.fields.push_back({line.substr(0, colon), value});
  return true;
}

void HttpResponseParser::read_keeping() {
  const std::string_view connection = head_.header("Connection");
  keeps_ = http_1_0_ ? lists(connection, "keep-alive") : !lists(connection, "close");
  std::string_view value = head_.header("Keep-Alive");
  const std::size_t start = value.find("timeout=");
  if (start == std::string_view::npos) return;
  value.remove_prefix(start + 8);
  const auto seconds = to_number(value.substr(0, value.find_first_not_of("0123456789")));
  if (seconds && *seconds <= 86400) keep_alive_ = std::chrono::seconds(*seconds);
}

void HttpResponseParser::choose_framing() {
  read_keeping();
  const std::string_view encoding = head_.header("Content-Encoding");
  if (!is_not_encoded(encoding))
    return fail("its body is encoded as " + quoted(encoding) + ", which was not asked for");
  const std::string_view transfer = head_.header("Transfer-Encoding");
  framing_ = State::until_close;
  if (head_.status == 204 || head_.status == 304) {
    framing_ = State::ending;
  } else if (base::same_ignoring_case(transfer, "chunked")) {
    framing_ = State::chunk_size;
  } else if (!transfer.empty() && !base::same_ignoring_case(transfer, "identity")) {
    return fail("its transfer encoding is " + quoted(transfer) + ", not chunked");
  } else if (!read_content_length()) {
    return;
  }
  state_ = State::announce;
}

bool HttpResponseParser::read_content_length() {
  std::optional<std::uint64_t> length;
  for (const HttpHead::Field& field : head_.fields) {
    if (!base::same_ignoring_case(field.name, "Content-Length")) continue;
    const auto number = to_number(field.value);
    if (!number || (length && *length != *number)) {
      fail("its content length is " + quoted(field.value));
      return false;
    }
    length = number;
  }
  if (!length) return true;
  head_.length = remaining_ = *length;
  framing_ = *length ? State::sized : State::ending;
  return true;
}

// The usual chunk: the digits of its size, its data, and the ends of both lines in one piece.
bool HttpResponseParser::take_whole_chunk() {
  if (line_length_ != 0) return false;
  std::size_t size = 0, at = 0;
  for (const std::size_t end = std::min(input_.size(), kPlainDigits); at < end; ++at) {
    const int digit = hex_digit(input_[at]);
    if (digit < 0) break;
    size = size << 4 | static_cast<std::size_t>(digit);
  }
  const std::size_t start = at + 2, whole = start + size + 2;
  const auto ends_line = [this](std::size_t place) {
    return input_[place] == '\r' && input_[place + 1] == '\n';
  };
  if (size == 0 || input_.size() < whole || !ends_line(at) || !ends_line(whole - 2)) return false;
  body_ = {input_.data() + start, size};
  input_.remove_prefix(whole);
  return true;
}

void HttpResponseParser::read_chunk_size() {
  while (!input_.empty()) {
    const char c = input_.front();
    input_.remove_prefix(1);
    if (++line_length_ > kMaxChunkLine) return fail("a chunk's size line is too long");
    if (c == '\n') {
      if (digits_ == 0) return fail("a chunk has no size");
      state_ = remaining_ ? State::chunk_data : State::trailer;
      digits_ = line_length_ = trailer_length_ = 0;
      in_extension_ = false;
      return;
    }
    if (in_extension_ || c == '\r') continue;
    const int digit = hex_digit(c);
    if (digit >= 0) {
      if (remaining_ >= kMaxSize / 16) return fail("a chunk's size is too large");
      remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
      ++digits_;
    } else if (digits_ && (c == ';' || c == ' ' || c == '\t')) {
      in_extension_ = true;
    } else {
      return fail("a chunk's size holds " + quoted(std::string_view(&c, 1)));
    }
  }
}

void HttpResponseParser::read_chunk_end() {
  if (line_length_ == 0 && input_.starts_with("\r\n")) {
    input_.remove_prefix(2);
    state_ = State::chunk_size;
    return;
  }
  while (!input_.empty()) {
    const char c = input_.front();
    input_.remove_prefix(1);
    if (c == '\n') {
      state_ = State::chunk_size;
      line_length_ = 0;
      return;
    }
    if (c != '\r' || ++line_length_ > 1) return fail("a chunk is longer than its size says");
  }
}

void HttpResponseParser::read_trailer() {
  while (!input_.empty()) {
    const char c = input_.front();
    input_.remove_prefix(1);
    if (++trailer_length_ > kMaxHead) return fail("its trailer is too long");
    if (c == '\n') {
      if (line_length_ == 0) {
        state_ = State::ending;
        return;
      }
      line_length_ = 0;
    } else if (c != '\r') {
      ++line_length_;
    }
  }
}

void HttpResponseParser::finish() {
  if (state_ == State::until_close || (state_ == State::announce && framing_ == State::until_close))
    state_ = State::ending;
}

void HttpResponseParser::fail(std::string reason) {
  state_ = State::failed;
  failure_ = "the reply is not valid HTTP: " + std::move(reason);
}

bool HttpResponseParser::reusable() const {
  return state_ == State::ended && framing_ != State::until_close && input_.empty() && keeps_;
}

}  // namespace tachikoma::kit
