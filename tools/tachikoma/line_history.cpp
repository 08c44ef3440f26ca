// SPDX-License-Identifier: MIT
#include "line_history.hpp"

#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>

#include <sys/stat.h>

#include "base/blocking_io.hpp"
#include "base/json.hpp"
#include "read_text.hpp"

namespace tachikoma::cli {
namespace {

constexpr std::size_t kMaxLines = 1000;
constexpr std::size_t kMaxLineBytes = 64 * 1024;
constexpr off_t kMaxFileBytes = 1024 * 1024;
constexpr std::size_t kMaxReadBytes = 16 * 1024 * 1024;

std::string form(std::string_view line) {
  std::string text;
  base::append_json_string(text, line);
  return text + "\n";
}

}  // namespace

std::vector<std::string> LineHistory::read() const {
  std::vector<std::string> lines;
  const Result<std::string> text =
      file_.empty() ? Result<std::string>(std::string()) : read_bytes(file_, kMaxReadBytes);
  if (!text) return lines;
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const Result<Value> line = base::parse_json(std::string_view(*text).substr(at, end - at));
    if (line && line->is_string()) lines.emplace_back(line->as_string());
    at = end + 1;
  }
  if (lines.size() > kMaxLines)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kMaxLines));
  return lines;
}

void LineHistory::add(std::string_view line) const {
  if (file_.empty() || line.size() > kMaxLineBytes) return;
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), failed);
  const int fd = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  base::write_all(fd, form(line));
  struct stat status = {};
  const bool is_large = ::fstat(fd, &status) == 0 && status.st_size > kMaxFileBytes;
  ::close(fd);
  if (is_large) shorten();
}

// To the newest lines that fill half of it, so that this is rare.
void LineHistory::shorten() const {
  const std::vector<std::string> lines = read();
  std::string text;
  std::size_t first = lines.size();
  for (std::size_t size = 0; first > 0; --first) {
    size += form(lines[first - 1]).size();
    if (size > static_cast<std::size_t>(kMaxFileBytes) / 2) break;
  }
  for (; first < lines.size(); ++first) text += form(lines[first]);
  const std::string next = file_ + "." + std::to_string(::getpid());
  const int fd = ::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return;
  const bool written = base::write_all(fd, text) == 0;
  ::close(fd);
  if (!written || std::rename(next.c_str(), file_.c_str()) != 0) std::remove(next.c_str());
}

}  // namespace tachikoma::cli
