// SPDX-License-Identifier: MIT
#include "prompt.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace tachikoma::cli {
namespace {

Error unreadable(const std::string& name, int failure) {
  return {ErrorCode::invalid_argument, "cannot read " + name + ": " + std::strerror(failure)};
}

Result<std::string> read_text(int fd, const std::string& name) {
  std::string text;
  std::array<char, 65536> bytes;
  for (;;) {
    const ssize_t count = ::read(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(name, errno);
    if (count == 0) break;
    text.append(bytes.data(), static_cast<std::size_t>(count));
    if (text.size() > kMostBytes)
      return Error(
          ErrorCode::invalid_argument,
          name + " has more than " + format_bytes(kMostBytes) + ", the most that can be added to a prompt",
          "give the part that matters, as with: head -c 100000");
  }
  if (!is_text(text))
    return Error(ErrorCode::invalid_argument, name + " is not UTF-8 text",
                 "convert it first, as with: iconv -f latin1 -t utf8");
  return text;
}

Result<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return unreadable("'" + path + "'", errno);
  Result<std::string> text = read_text(fd, "'" + path + "'");
  ::close(fd);
  return text;
}

// Reads all of stdin. A pipe that nobody closes would look like a hang, so it says what it waits for.
Result<std::string> read_stdin(Output& output) {
  pollfd fd{STDIN_FILENO, POLLIN, 0};
  constexpr int kPatienceMs = 2000;
  if (::poll(&fd, 1, kPatienceMs) == 0)
    output.say("tachikoma: waiting for text on standard input; close it with < /dev/null if there is none");
  return read_text(STDIN_FILENO, "standard input");
}

void add_part(std::string& prompt, std::string_view part) {
  if (part.empty()) return;
  if (!prompt.empty()) prompt += "\n\n";
  prompt += part;
}

}  // namespace

bool is_text(std::string_view bytes) {
  // the least code point that a sequence of 2, 3 or 4 bytes may write
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const std::size_t length = lead < 0x80       ? 1
                               : lead >> 5 == 6  ? 2
                               : lead >> 4 == 14 ? 3
                               : lead >> 3 == 30 ? 4
                                                 : 0;
    if (lead == 0 || length == 0 || length > bytes.size() - i) return false;
    std::uint32_t point = length == 1 ? lead : lead & (0xFFu >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(bytes[i + k]);
      if (next >> 6 != 2) return false;
      point = point << 6 | (next & 0x3Fu);
    }
    if (point < kLeast[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return false;
    i += length;
  }
  return true;
}

Result<std::string> build_prompt(const Options& options, Output& output) {
  const bool all_of_stdin = options.words.size() == 1 && options.words[0] == "-";
  std::string prompt;
  if (!all_of_stdin) {
    for (const std::string& word : options.words) prompt += (prompt.empty() ? "" : " ") + word;
    if (!is_text(prompt)) return Error(ErrorCode::invalid_argument, "the question is not UTF-8 text");
  }
  for (const std::string& path : options.files) {
    Result<std::string> text = read_file(path);
    if (!text) return text;
    add_part(prompt, "--- " + path + " ---\n" + *text);
  }
  if (all_of_stdin || ::isatty(STDIN_FILENO) == 0) {
    Result<std::string> text = read_stdin(output);
    if (!text) return text;
    add_part(prompt, *text);
  }
  if (prompt.find_first_not_of(" \t\r\n") == std::string::npos)
    return Error(ErrorCode::invalid_argument, "there is no question",
                 "write it as in: tachikoma ask \"Why is the sky blue?\"");
  return prompt;
}

}  // namespace tachikoma::cli
