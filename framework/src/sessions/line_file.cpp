// SPDX-License-Identifier: MIT
#include "sessions/line_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>

namespace tachikoma::sessions {
namespace {

constexpr std::size_t kReadAtOnce = 256 * 1024;

}  // namespace

Result<LineFile> LineFile::open(const std::string& path) {
  base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  int failure = file.value() < 0 ? errno : 0;
  struct stat found = {};
  if (failure == 0 && ::fstat(file.value(), &found) == 0 && !S_ISREG(found.st_mode))
    return Error(ErrorCode::invalid_argument,
                 "'" + path + "' is no regular file; it must be one, because it is read twice",
                 "write what it gives to a file first", Value::object({{"file", path}}));
  LineFile opened(std::move(file), path);
  if (failure != 0) return opened.cannot_read(failure);
  return opened;
}

Result<std::optional<LineFile::Line>> LineFile::next() {
  std::size_t looked = used_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', looked);
    if (end != std::string::npos) {
      const std::size_t start = std::exchange(used_, end + 1);
      return std::optional(
          Line{{at_ + start, end - start}, std::string_view(buffer_).substr(start, end - start), true});
    }
    buffer_.erase(0, used_);
    at_ += std::exchange(used_, 0);
    looked = buffer_.size();
    buffer_.resize(looked + kReadAtOnce);
    const ssize_t count =
        ::pread(file_.value(), buffer_.data() + looked, kReadAtOnce, static_cast<off_t>(at_ + looked));
    const int failure = count < 0 ? errno : 0;
    buffer_.resize(looked + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (failure == EINTR) continue;
    if (failure != 0) return cannot_read(failure);
    if (count > 0) continue;
    if (buffer_.empty()) return std::optional<Line>();
    used_ = buffer_.size();
    return std::optional(Line{{at_, buffer_.size()}, buffer_, false});
  }
}

Result<std::string> LineFile::read(const LinePlace& place) const {
  std::string text(place.size, '\0');
  for (std::size_t have = 0; have < text.size();) {
    const ssize_t count = ::pread(file_.value(), text.data() + have, text.size() - have,
                                  static_cast<off_t>(place.offset + have));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot_read(errno);
    if (count == 0)
      return Error(ErrorCode::invalid_argument, "'" + path_ + "' became shorter while it was read",
                   "leave it as it is until the batch has ended", Value::object({{"file", path_}}));
    have += static_cast<std::size_t>(count);
  }
  return text;
}

Error LineFile::cannot_read(int failure) const {
  return Error(ErrorCode::invalid_argument, "can't read '" + path_ + "' (" + std::strerror(failure) + ")", {},
               Value::object({{"file", path_}}));
}

}  // namespace tachikoma::sessions
