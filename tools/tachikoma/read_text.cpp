// SPDX-License-Identifier: MIT
#include "read_text.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/blocking_io.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"

namespace tachikoma::cli {
namespace {

Error unreadable(const std::string& name, int failure) {
  return {ErrorCode::invalid_argument, "cannot read " + name + ": " + std::strerror(failure)};
}

Error too_large(const std::string& name, std::size_t max_bytes) {
  return {ErrorCode::invalid_argument,
          name + " has more than " + format_bytes(static_cast<std::int64_t>(max_bytes)) +
              ", the most that can be added to a prompt",
          "give the part that matters, as with: head -c 100000"};
}

Result<std::string> read_all(int fd, const std::string& name, std::size_t max_bytes) {
  std::string content;
  std::array<char, 65536> bytes;
  for (;;) {
    const ssize_t count = base::read_some(fd, bytes.data(), bytes.size());
    if (count < 0) return unreadable(name, errno);
    if (count == 0) return content;
    content.append(bytes.data(), static_cast<std::size_t>(count));
    if (content.size() > max_bytes) return too_large(name, max_bytes);
  }
}

}  // namespace

Result<std::string> read_bytes(const std::string& path, std::size_t max_bytes) {
  const std::string name = "'" + path + "'";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return unreadable(name, errno);
  Result<std::string> content = read_all(fd, name, max_bytes);
  ::close(fd);
  return content;
}

Result<std::string> read_text(const std::string& path) {
  TACHIKOMA_TRY(std::string content, read_bytes(path, kMaxBytes));
  TACHIKOMA_TRY_STATUS(check_text(content, "'" + path + "'"));
  return content;
}

Result<std::string> read_stdin(Output& output) {
  pollfd fd{STDIN_FILENO, POLLIN, 0};
  constexpr int kProbeTimeoutMs = 2000;
  if (::poll(&fd, 1, kProbeTimeoutMs) == 0)
    output.say("tachikoma: waiting for text on standard input; close it with < /dev/null if there is none");
  const std::string name = "standard input";
  TACHIKOMA_TRY(std::string content, read_all(STDIN_FILENO, name, kMaxBytes));
  TACHIKOMA_TRY_STATUS(check_text(content, name));
  return content;
}

Status check_text(std::string_view content, const std::string& name) {
  if (content.size() > kMaxBytes) return too_large(name, kMaxBytes);
  if (!is_text(content))
    return Error(ErrorCode::invalid_argument, name + " is not UTF-8 text",
                 "convert it first, as with: iconv -f latin1 -t utf8");
  return Done{};
}

bool is_text(std::string_view bytes) {
  return base::is_utf8(bytes) && bytes.find('\0') == std::string_view::npos;
}

}  // namespace tachikoma::cli
