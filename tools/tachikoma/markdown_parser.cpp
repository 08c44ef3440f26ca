// SPDX-License-Identifier: MIT
#include "markdown_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/utf8.hpp"

namespace tachikoma::cli {
namespace {

// What answers of models have; HTML has two thousand.
constexpr std::array<std::pair<std::string_view, std::string_view>, 32> kEntities{{
    {"&amp;", "&"},       {"&lt;", "<"},     {"&gt;", ">"},     {"&quot;", "\""},  {"&apos;", "'"},
    {"&nbsp;", "\u00a0"}, {"&copy;", "©"},   {"&reg;", "®"},    {"&trade;", "™"},  {"&hellip;", "…"},
    {"&mdash;", "—"},     {"&ndash;", "–"},  {"&middot;", "·"}, {"&bull;", "•"},   {"&deg;", "°"},
    {"&times;", "×"},     {"&divide;", "÷"}, {"&plusmn;", "±"}, {"&frac12;", "½"}, {"&sup2;", "²"},
    {"&micro;", "µ"},     {"&euro;", "€"},   {"&pound;", "£"},  {"&sect;", "§"},   {"&laquo;", "«"},
    {"&raquo;", "»"},     {"&larr;", "←"},   {"&rarr;", "→"},   {"&le;", "≤"},     {"&ge;", "≥"},
    {"&ne;", "≠"},        {"&infin;", "∞"},
}};

std::string encoded(std::uint32_t point) {
  const bool valid = point != 0 && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
  if (!valid) return std::string(base::kReplacementCharacter);
  if (point < 0x80) return {static_cast<char>(point)};
  std::string bytes;
  const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr std::array<std::uint32_t, 4> kLead{0, 0xC0, 0xE0, 0xF0};
  bytes += static_cast<char>(kLead[static_cast<std::size_t>(more)] | point >> (6 * more));
  for (int i = more - 1; i >= 0; --i) bytes += static_cast<char>(0x80 | (point >> (6 * i) & 0x3F));
  return bytes;
}

MarkdownHandler& handler_of(void* handler) { return *static_cast<MarkdownHandler*>(handler); }

}  // namespace

void parse_markdown(std::string_view markdown, MarkdownHandler& handler) {
  MD_PARSER parser{};
  parser.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS;
  parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* to) {
    handler_of(to).enter_block(type, detail);
    return 0;
  };
  parser.leave_block = [](MD_BLOCKTYPE type, void* detail, void* to) {
    handler_of(to).leave_block(type, detail);
    return 0;
  };
  parser.enter_span = [](MD_SPANTYPE type, void* detail, void* to) {
    handler_of(to).enter_span(type, detail);
    return 0;
  };
  parser.leave_span = [](MD_SPANTYPE type, void* detail, void* to) {
    handler_of(to).leave_span(type, detail);
    return 0;
  };
  parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* to) {
    handler_of(to).text(type, {text, size});
    return 0;
  };
  const std::size_t size = std::min<std::size_t>(markdown.size(), std::numeric_limits<MD_SIZE>::max());
  ::md_parse(markdown.data(), static_cast<MD_SIZE>(size), &parser, &handler);
}

std::string decoded_entity(std::string_view entity) {
  if (entity.starts_with("&#")) {
    const bool hex = entity.size() > 2 && (entity[2] == 'x' || entity[2] == 'X');
    const std::string_view digits = entity.substr(hex ? 3 : 2, entity.size() - (hex ? 4 : 3));
    std::uint32_t point = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), point, hex ? 16 : 10);
    return encoded(point);
  }
  for (const auto& [name, character] : kEntities)
    if (entity == name) return std::string(character);
  return std::string(entity);
}

std::string text_of(const MD_ATTRIBUTE& attribute) {
  std::string text;
  if (attribute.size == 0) return text;
  for (std::size_t i = 0; attribute.substr_offsets[i] < attribute.size; ++i) {
    const MD_OFFSET at = attribute.substr_offsets[i];
    const std::string_view part(attribute.text + at, attribute.substr_offsets[i + 1] - at);
    if (attribute.substr_types[i] == MD_TEXT_ENTITY)
      text += decoded_entity(part);
    else if (attribute.substr_types[i] == MD_TEXT_NULLCHAR)
      text += base::kReplacementCharacter;
    else
      text += part;
  }
  return text;
}

}  // namespace tachikoma::cli
