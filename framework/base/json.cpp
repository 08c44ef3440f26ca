// SPDX-License-Identifier: MIT
#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <simdjson.h>
#include <utility>

#include "base/excerpt.hpp"
#include "base/utf8.hpp"

namespace tachikoma::base {
namespace {

Value to_value(simdjson::dom::element element) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::ARRAY: {
      Value::Array array;
      for (simdjson::dom::element each : simdjson::dom::array(element)) array.push_back(to_value(each));
      return array;
    }
    case element_type::OBJECT: {
      Value::Object object;
      for (auto [key, each] : simdjson::dom::object(element))
        object.push_back({std::string(key), to_value(each)});
      return object;
    }
    case element_type::INT64: return std::int64_t(element);
    case element_type::UINT64: return std::to_string(std::uint64_t(element));
    case element_type::DOUBLE: return double(element);
    case element_type::STRING: return std::string_view(element);
    case element_type::BOOL: return bool(element);
    case element_type::NULL_VALUE: return nullptr;
  }
  return nullptr;
}

bool is_number_part(char c) {
  return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E';
}

// The end of the string that starts at `text[at]`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return std::min(at + 1, text.size());
}

// The whole numbers that no integer can hold as strings of their digits; the parser refuses them.
std::string with_large_integers_as_text(std::string_view text) {
  constexpr std::size_t kAlwaysFit = 18;  // digits
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    if (text[at] == '"') {
      end = end_of_string(text, at);
    } else if (is_number_part(text[at])) {
      while (end < text.size() && is_number_part(text[end])) ++end;
      const std::string_view number = text.substr(at, end - at);
      const std::string_view digits = number.substr(number.front() == '-' ? 1 : 0);
      if (digits.size() > kAlwaysFit && digits.front() != '0' &&
          digits.find_first_not_of("0123456789") == std::string_view::npos) {
        std::int64_t fits = 0;
        const auto read = std::from_chars(number.data(), number.data() + number.size(), fits);
        if (read.ec != std::errc()) {
          out.append("\"").append(number).append("\"");
          at = end;
          continue;
        }
      }
    }
    out += text.substr(at, end - at);
    at = end;
  }
  return out;
}

// One character of at most three bytes, as "\u202e".
void append_escape(std::string& out, std::string_view character) {
  unsigned code = 0;
  for (const char c : character) {
    const auto byte = static_cast<unsigned char>(c);
    code = starts_character(c) ? byte & (character.size() == 1   ? 0x7Fu
                                         : character.size() == 2 ? 0x1Fu
                                                                 : 0x0Fu)
                               : code << 6 | (byte & 0x3Fu);
  }
  constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (const int shift : {12, 8, 4, 0}) out += kHex[code >> shift & 15];
}

class Writer {
 public:
  Writer(std::string& out, int indent) : out_(out), indent_(indent) {}

  void write(const Value& value, int depth = 0) {
    switch (value.kind()) {
      case Value::Kind::null: out_ += "null"; return;
      case Value::Kind::boolean: out_ += value.as_bool() ? "true" : "false"; return;
      case Value::Kind::integer: out_ += std::to_string(value.as_integer()); return;
      case Value::Kind::real: append_json_number(out_, value.as_real()); return;
      case Value::Kind::string: append_json_string(out_, value.as_string()); return;
      case Value::Kind::array:
        write_list('[', value.elements(), ']', depth, [&](const Value& each) { write(each, depth + 1); });
        return;
      case Value::Kind::object:
        write_list('{', value.members(), '}', depth, [&](const Member& each) {
          append_json_string(out_, each.key);
          out_ += indent_ ? ": " : ":";
          write(each.value, depth + 1);
        });
        return;
    }
  }

 private:
  template <class List, class Each>
  void write_list(char open, const List& list, char close, int depth, Each write_each) {
    out_ += open;
    bool first = true;
    for (const auto& each : list) {
      if (!first) out_ += ',';
      first = false;
      break_line(depth + 1);
      write_each(each);
    }
    if (!list.empty()) break_line(depth);
    out_ += close;
  }

  void break_line(int depth) {
    if (indent_) out_.append(1, '\n').append(static_cast<std::size_t>(indent_ * depth), ' ');
  }

  std::string& out_;
  int indent_;
};

}  // namespace

struct JsonParser::Memory {
  simdjson::dom::parser parser;
};

JsonParser::JsonParser() : memory_(std::make_unique<Memory>()) {}
JsonParser::~JsonParser() = default;

Result<Value> JsonParser::parse(std::string_view text) {
  simdjson::dom::parser& parser = memory_->parser;
  simdjson::dom::element element;
  const auto parse = [&](std::string_view json) {
    simdjson::error_code failure = simdjson::SUCCESS;
    if (parser.capacity() < json.size() || parser.max_depth() != kMaxJsonDepth)
      failure = parser.allocate(json.size(), kMaxJsonDepth);
    const char* const begin = json.empty() ? "" : json.data();  // simdjson copies even nothing from it
    return failure ? failure : parser.parse(begin, json.size()).get(element);
  };
  simdjson::error_code failure = parse(text);
  std::string rewritten;
  if (failure && failure != simdjson::UTF8_ERROR) {
    rewritten = with_large_integers_as_text(text);
    if (rewritten.size() != text.size()) failure = parse(rewritten);
  }
  if (failure)
    return Error(ErrorCode::protocol, std::string("invalid JSON (") + simdjson::error_message(failure) + ")");
  return to_value(element);
}

Result<Value> parse_json(std::string_view text) { return JsonParser().parse(text); }

namespace {

// In text that is UTF-8: false for what must be escaped, and for the first bytes of what may have to be.
constexpr bool is_clean(unsigned char byte) {
  return byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7F && byte != 0xC2 && byte != 0xE2;
}

// In text that may be anything.
constexpr bool is_clean_ascii(unsigned char byte) { return is_clean(byte) && byte < 0x80; }

template <bool (*is_clean)(unsigned char)>
constexpr std::array<bool, 256> kTable = [] {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte)
    table[byte] = is_clean(static_cast<unsigned char>(byte));
  return table;
}();

constexpr std::size_t kBlock = 16;

// How many of the first `kBlock` bytes are clean, up to the first that is not.
std::size_t clean_in_block(const char* text) {
  using Block [[gnu::vector_size(kBlock)]] = unsigned char;
  Block bytes;
  std::memcpy(&bytes, text, sizeof bytes);
  const auto dirty =
      (bytes < 0x20) | (bytes == '"') | (bytes == '\\') | (bytes == 0x7F) | (bytes == 0xC2) | (bytes == 0xE2);
  std::array<std::uint64_t, 2> halves;
  static_assert(sizeof halves == sizeof dirty && std::endian::native == std::endian::little);
  std::memcpy(&halves, &dirty, sizeof halves);
  if (halves[0]) return static_cast<std::size_t>(std::countr_zero(halves[0])) / 8;
  if (halves[1]) return 8 + static_cast<std::size_t>(std::countr_zero(halves[1])) / 8;
  return kBlock;
}

// What stands for a character behind a backslash; 0: it has no short form.
constexpr char short_escape(char byte) {
  switch (byte) {
    case '"':
    case '\\': return byte;
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
  }
}

void append_ascii(std::string& out, char byte) {
  if (const char escape = short_escape(byte))
    out.append({'\\', escape});
  else
    append_escape(out, std::string_view(&byte, 1));
}

// Appends the character at the start of `text`, which is not clean, as JSON wants it; returns its length.
std::size_t append_unclean(std::string& out, std::string_view text) {
  if (static_cast<unsigned char>(text[0]) < 0x80) {
    append_ascii(out, text[0]);
    return 1;
  }
  const std::size_t length = utf8_sequence_length(text);
  if (!length) {
    out += kReplacementCharacter;
    return 1;
  }
  if (control_length(text))
    append_escape(out, text.substr(0, length));
  else
    out += text.substr(0, length);
  return length;
}

// Appends text that may be anything.
void append_checked(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto dirty = std::find_if_not(text.begin(), text.end(), [](char c) {
      return kTable<is_clean_ascii>[static_cast<unsigned char>(c)];
    });
    out.append(text.begin(), dirty);
    text.remove_prefix(static_cast<std::size_t>(dirty - text.begin()));
    if (!text.empty()) text.remove_prefix(append_unclean(out, text));
  }
}

// Appends text that is UTF-8, by way of a buffer into which whole blocks are copied, whatever is in them: of
// each only what is clean stays.
void append_valid(std::string& out, std::string_view text) {
  std::array<char, 64 * kBlock> buffer;
  std::size_t filled = 0;
  const auto flush = [&] { out.append(buffer.data(), std::exchange(filled, 0)); };
  while (!text.empty()) {
    if (buffer.size() - filled < kBlock + 2) flush();
    std::size_t clean = 0;
    if (text.size() >= kBlock) {
      clean = clean_in_block(text.data());
      std::memcpy(buffer.data() + filled, text.data(), kBlock);
      filled += clean;
    } else {
      for (; clean < text.size() && kTable<is_clean>[static_cast<unsigned char>(text[clean])]; ++clean)
        buffer[filled++] = text[clean];
    }
    text.remove_prefix(clean);
    if (clean == kBlock || text.empty()) continue;
    if (const char escape = short_escape(text.front())) {
      buffer[filled++] = '\\';
      buffer[filled++] = escape;
      text.remove_prefix(1);
    } else {
      flush();
      text.remove_prefix(append_unclean(out, text));
    }
  }
  flush();
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::size_t kLong = 32;  // below, to know it first takes longer
  out += '"';
  if (text.size() >= kLong && is_utf8(text))
    append_valid(out, text);
  else
    append_checked(out, text);
  out += '"';
}

void append_json_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_json(std::string& out, const Value& value) { Writer(out, 0).write(value); }

std::string to_json(const Value& value, int indent) {
  std::string out;
  Writer(out, indent).write(value);
  return out;
}

}  // namespace tachikoma::base
