// SPDX-License-Identifier: MIT
#include "prompt.hpp"

#include <cstddef>
#include <unistd.h>
#include <utility>

#include "base/try.hpp"
#include "fetch_url.hpp"
#include "read_text.hpp"

#include <tachikoma/image.hpp>

namespace tachikoma::cli {
namespace {

constexpr std::size_t kMaxImageBytes = 64 * 1024 * 1024;

}  // namespace

void add_part(std::string& prompt, std::string_view part) {
  if (part.empty()) return;
  if (!prompt.empty()) prompt += "\n\n";
  prompt += part;
}

// The first bytes decide whether a file is an image, not its name.
Status add_file(Message& turn, const std::string& path) {
  TACHIKOMA_TRY(std::string content,
                is_url(path) ? fetch_url(path, kMaxImageBytes) : read_bytes(path, kMaxImageBytes));
  if (Result<Image> image = image_bytes(content)) {
    turn.images.push_back(*std::move(image));
    return Done{};
  }
  TACHIKOMA_TRY_STATUS(check_text(content, "'" + path + "'"));
  add_part(turn.text, "--- " + path + " ---\n" + content);
  return Done{};
}

Result<std::vector<Message>> build_messages(const Options& options, Output& output,
                                            const PromptTemplate* prompt) {
  const bool all_of_stdin = options.words.size() == 1 && options.words[0] == "-";
  Message turn = user("");
  if (!all_of_stdin) {
    for (const std::string& word : options.words) turn.text += (turn.text.empty() ? "" : " ") + word;
    if (!is_text(turn.text)) return Error(ErrorCode::invalid_argument, "the question is not UTF-8 text");
  }
  for (const std::string& path : options.files) TACHIKOMA_TRY_STATUS(add_file(turn, path));
  if (all_of_stdin || ::isatty(STDIN_FILENO) == 0) {
    TACHIKOMA_TRY(const std::string text, read_stdin(output));
    add_part(turn.text, text);
  }
  if (prompt) turn.text = filled(*prompt, turn.text);
  if (turn.images.empty() && turn.text.find_first_not_of(" \t\r\n") == std::string::npos)
    return Error(ErrorCode::invalid_argument, "the question is missing",
                 "for example: tachikoma ask \"Why is the sky blue?\"");
  std::vector<Message> messages;
  if (!options.system.empty()) messages.push_back(system_prompt(options.system));
  messages.push_back(std::move(turn));
  return messages;
}

}  // namespace tachikoma::cli
