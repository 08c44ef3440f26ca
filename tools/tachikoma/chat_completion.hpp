// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat_state.hpp"
#include "line_editor.hpp"

namespace tachikoma::cli {

/// What Tab completes in a chat: the slash commands, and what each takes. The servers are asked for their
/// models once, at the first Tab that needs them; ^C ends that.
class ChatCompletion {
 public:
  explicit ChatCompletion(Chat& chat) : chat_(chat) {}

  Completions operator()(std::string_view before_cursor);

 private:
  const std::vector<std::string>& models();

  Chat& chat_;
  std::vector<std::string> models_;
};

/// The files and folders whose path begins with this one; folders end in a slash.
std::vector<std::string> files_that_begin(const std::string& path);

}  // namespace tachikoma::cli
