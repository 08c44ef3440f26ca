// SPDX-License-Identifier: MIT
#pragma once

#include <md4c.h>
#include <string>
#include <string_view>

namespace tachikoma::cli {

/// Calls a handler with the parts of a Markdown text, in their order.
class MarkdownHandler {
 public:
  virtual void enter_block(MD_BLOCKTYPE type, void* detail) = 0;
  virtual void leave_block(MD_BLOCKTYPE type, void* detail) = 0;
  virtual void enter_span(MD_SPANTYPE type, void* detail) = 0;
  virtual void leave_span(MD_SPANTYPE type, void* detail) = 0;
  virtual void text(MD_TEXTTYPE type, std::string_view text) = 0;

 protected:
  ~MarkdownHandler() = default;
};

/// Parses with the one dialect of this program. The text is at most 4 GB, of which the rest is ignored.
void parse_markdown(std::string_view markdown, MarkdownHandler& handler);

/// The character that an entity stands for; one that is not known stays as it is.
std::string decoded_entity(std::string_view entity);

/// The text of an attribute, such as an address.
std::string text_of(const MD_ATTRIBUTE& attribute);

}  // namespace tachikoma::cli
