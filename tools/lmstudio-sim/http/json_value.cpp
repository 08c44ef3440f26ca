// SPDX-License-Identifier: MIT
#include "http/json_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <Poco/JSON/Handler.h>
#include <Poco/JSON/Parser.h>
#include <Poco/JSONString.h>

#include "http/text_encoding.hpp"

namespace lmstudio_sim {

namespace {

constexpr std::size_t kMaxDepth = 64;

// Builds a value from the pieces that POCO's parser reports, without POCO's own objects in between.
class Builder : public Poco::JSON::Handler {
 public:
  JsonValue take() { return std::move(root_); }

  void reset() override {}
  void startObject() override { open_.push_back(&add(JsonValue::object())); }
  void endObject() override { open_.pop_back(); }
  void startArray() override { open_.push_back(&add(JsonValue::array())); }
  void endArray() override { open_.pop_back(); }
  void key(const std::string& name) override { key_ = name; }
  void null() override { add(nullptr); }
  void value(int number) override { add(number); }
  void value(unsigned number) override { add(std::int64_t{number}); }
  void value(Poco::Int64 number) override { add(std::int64_t{number}); }
  void value(Poco::UInt64 number) override { add(static_cast<double>(number)); }
  void value(const std::string& text) override { add(text); }
  void value(double number) override { add(number); }
  void value(bool truth) override { add(truth); }

 private:
  JsonValue& add(JsonValue value) {
    if (open_.empty()) return root_ = std::move(value);
    if (open_.back()->is_array()) return open_.back()->push_back(std::move(value));
    return open_.back()->append(std::move(key_), std::move(value));
  }

  JsonValue root_;
  std::string key_;
  std::vector<JsonValue*> open_;  // only the innermost grows, so the pointers stay valid
};

bool fits_64_bits(std::string_view number) {
  const char* const end = number.data() + number.size();
  std::int64_t integer = 0;
  std::uint64_t natural = 0;
  return std::from_chars(number.data(), end, integer).ec != std::errc::result_out_of_range ||
         std::from_chars(number.data(), end, natural).ec == std::errc();
}

// POCO silently reads such an integer as a different number.
bool has_oversized_integer(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
      ++at;
    } else if (text[at] == '-' || (text[at] >= '0' && text[at] <= '9')) {
      const std::string_view number = text.substr(at, text.find_first_not_of("+-.0123456789eE", at) - at);
      if (number.find_first_of(".eE") == std::string_view::npos && !fits_64_bits(number)) return true;
      at += number.size();
    } else {
      ++at;
    }
  }
  return false;
}

// The shortest text that reads back as this number. POCO would round it and drop the point of 1.0.
void write_real(std::string& out, double number) {
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

void break_line(std::string& out, int indent, int depth) {
  if (indent > 0) out.append(1, '\n').append(static_cast<std::size_t>(indent * depth), ' ');
}

template <typename Entries, typename WriteEntry>
void write_entries(std::string& out, std::string_view brackets, const Entries& entries, int indent, int depth,
                   WriteEntry write_entry) {
  out += brackets.front();
  for (const auto& entry : entries) {
    if (&entry != &entries.front()) out += ',';
    break_line(out, indent, depth + 1);
    write_entry(entry);
  }
  if (!entries.empty()) break_line(out, indent, depth);
  out += brackets.back();
}

void write_json(std::string& out, const JsonValue& value, int indent, int depth) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_integer()) {
    out += std::to_string(value.as_integer());
  } else if (value.is_number()) {
    write_real(out, value.as_real());
  } else if (value.is_string()) {
    out += json_string(value.as_string());
  } else if (value.is_array()) {
    write_entries(out, "[]", value.elements(), indent, depth,
                  [&](const JsonValue& each) { write_json(out, each, indent, depth + 1); });
  } else {
    write_entries(out, "{}", value.members(), indent, depth, [&](const JsonValue::Member& each) {
      out += json_string(each.first) + (indent > 0 ? ": " : ":");
      write_json(out, each.second, indent, depth + 1);
    });
  }
}

}  // namespace

bool JsonValue::as_bool(bool fallback) const {
  const bool* truth = std::get_if<bool>(&data_);
  return truth ? *truth : fallback;
}

std::int64_t JsonValue::as_integer(std::int64_t fallback) const {
  const std::int64_t* number = std::get_if<std::int64_t>(&data_);
  return number ? *number : fallback;
}

double JsonValue::as_real(double fallback) const {
  if (is_integer()) return static_cast<double>(as_integer());
  const double* number = std::get_if<double>(&data_);
  return number ? *number : fallback;
}

std::string_view JsonValue::as_string(std::string_view fallback) const {
  const std::string* text = std::get_if<std::string>(&data_);
  return text ? *text : fallback;
}

const JsonValue::Array& JsonValue::elements() const {
  static const Array kNone;
  const Array* elements = std::get_if<Array>(&data_);
  return elements ? *elements : kNone;
}

const JsonValue::Object& JsonValue::members() const {
  static const Object kNone;
  const Object* members = std::get_if<Object>(&data_);
  return members ? *members : kNone;
}

const JsonValue* JsonValue::find(std::string_view key) const {
  const auto found = std::ranges::find(members(), key, &Member::first);
  return found == members().end() ? nullptr : &found->second;
}

JsonValue* JsonValue::find(std::string_view key) {
  return const_cast<JsonValue*>(std::as_const(*this).find(key));
}

const JsonValue& JsonValue::operator[](std::string_view key) const {
  static const JsonValue kNull;
  const JsonValue* found = find(key);
  return found ? *found : kNull;
}

JsonValue& JsonValue::set(std::string_view key, JsonValue value) {
  if (JsonValue* found = find(key)) return *found = std::move(value);
  return append(std::string(key), std::move(value));
}

bool JsonValue::erase(std::string_view key) {
  Object* members = std::get_if<Object>(&data_);
  return members && std::erase_if(*members, [&](const Member& each) { return each.first == key; }) > 0;
}

JsonValue& JsonValue::append(std::string key, JsonValue value) {
  if (!is_object()) data_ = Object();
  return std::get<Object>(data_).emplace_back(std::move(key), std::move(value)).second;
}

JsonValue& JsonValue::push_back(JsonValue value) {
  if (!is_array()) data_ = Array();
  return std::get<Array>(data_).emplace_back(std::move(value));
}

bool operator==(const JsonValue& a, const JsonValue& b) { return a.data_ == b.data_; }

std::optional<JsonValue> parse_json(std::string_view text, std::string* problem) {
  try {
    if (!is_utf8(text)) throw Poco::DataFormatException("invalid UTF-8");
    if (has_oversized_integer(text)) throw Poco::SyntaxException("an integer has more than 64 bits");
    Poco::SharedPtr<Builder> builder(new Builder);
    Poco::JSON::Parser parser(builder);
    parser.setDepth(kMaxDepth);
    parser.parse(std::string(text));
    return builder->take();
  } catch (const Poco::Exception& error) {
    if (problem) *problem = error.message();
    return std::nullopt;
  }
}

std::string json_string(std::string_view text) {
  return Poco::toJSON(is_utf8(text) ? std::string(text) : repaired_utf8(text), Poco::JSON_WRAP_STRINGS);
}

std::string to_json(const JsonValue& value, int indent) {
  std::string out;
  write_json(out, value, indent, 0);
  return out;
}

}  // namespace lmstudio_sim
