// SPDX-License-Identifier: MIT
// JSON in every form that it is read in: one chat chunk pulled in place, chunks that resemble each other, a
// text that becomes a value, and the inside of one string.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "common/chat/json_text.hpp"
#include "fuzz/expect.hpp"
#include "plugins/common/chat/recognition.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// Each line is a chunk; the last one may resemble those before it.
void check_template(std::string_view text) {
  std::vector<std::string> chunks(1);
  for (char c : text) {
    if (c == '\n') {
      chunks.emplace_back();
    } else {
      chunks.back() += c;
    }
  }
  const Recognition found = recognise(std::span(chunks).first(chunks.size() - 1), chunks.back());
  expect_same(found.by_template, found.by_parser, "a chunk like another means what parsing makes of it");
}

void check_value(std::string_view json) {
  const Result<Value> value = base::parse_json(json);
  if (!value) return;
  for (const int indent : {0, 2}) {
    const Result<Value> again = base::parse_json(base::to_json(*value, indent));
    expect(again && *again == *value, "a value survives being written and read");
  }
}

void check_string(std::string_view inside) {
  std::string text;
  const bool plain = kit::append_unescaped(text, inside) == inside.size();
  const std::string token = '"' + std::string(inside) + '"';
  if (base::is_utf8(inside)) {
    const Result<Value> parsed = base::parse_json(token);
    expect(plain == bool(parsed), "a string is taken where the parser takes it");
    if (plain) expect_same(text, parsed->as_string(), "a string means what the parser makes of it");
  } else {
    expect(base::is_utf8(kit::mark_invalid_bytes(inside)), "marked text is UTF-8");
  }
  if (plain) expect_same(text, kit::unescape_leniently(token), "a lenient reader agrees on sound strings");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  expect_same(ParsedChunk(text).describe(), ParsedChunk(text, '"').describe(),
              "what lies behind a chunk does not matter");
  check_template(text);
  check_value(text);
  check_string(text);
  return 0;
}
