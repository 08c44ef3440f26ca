// SPDX-License-Identifier: MIT
#include "jsonl/log_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/file.h>

#include "base/try.hpp"

namespace tachikoma::jsonl {
namespace {

// The file's own, so that all processes that write to it see it. It is held for a few renames.
class RotationLock {
 public:
  explicit RotationLock(int file) : file_(file), held_(::flock(file, LOCK_EX) == 0) {}
  ~RotationLock() {
    if (held_) ::flock(file_, LOCK_UN);
  }
  RotationLock(const RotationLock&) = delete;
  RotationLock& operator=(const RotationLock&) = delete;
  bool held() const { return held_; }

 private:
  const int file_;
  const bool held_;
};

ssize_t write_once(int file, const std::string& text) {
  ssize_t written = -1;
  do {
    written = ::write(file, text.data(), text.size());
  } while (written < 0 && errno == EINTR);
  return written;
}

}  // namespace

Result<LogFile> LogFile::open(std::string path, Rotation rotation) {
  LogFile file(std::move(path), rotation);
  TACHIKOMA_TRY_STATUS(file.reopen());
  return file;
}

// What errno says of the file.
Error LogFile::failure() const {
  return Error(ErrorCode::internal, "can't write to '" + path_ + "' (" + std::strerror(errno) + ")");
}

Status LogFile::reopen() {
  // a pipe that nobody reads is an error, not a wait
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  base::Descriptor file(::open(path_.c_str(), kFlags, 0600));
  if (file.value() < 0) return failure();
  file_ = std::move(file);
  torn_ = false;
  return Done{};
}

bool LogFile::is_current(const struct stat& own) const {
  struct stat named = {};
  return ::stat(path_.c_str(), &named) == 0 && named.st_dev == own.st_dev && named.st_ino == own.st_ino;
}

// True if the file has another name now.
bool LogFile::rotate(const struct stat& own) {
  const RotationLock lock(file_.value());
  if (!lock.held()) return false;  // a signal came, or the file can't be locked: it grows until the next line
  if (!is_current(own)) return true;  // another process was faster
  const bool renamed = rename_all();
  rotation_failure_ = renamed ? "" : "can't rename '" + path_ + "' (" + std::strerror(errno) + ")";
  return renamed;
}

bool LogFile::rename_all() {
  std::error_code failed;
  const std::string file = std::filesystem::canonical(path_, failed).string();  // a link stays where it is
  if (failed) {
    errno = failed.value();
    return false;
  }
  const auto numbered = [&](int number) { return file + "." + std::to_string(number); };
  for (int number = rotation_.keep - 1; number >= 1; --number)
    std::rename(numbered(number).c_str(), numbered(number + 1).c_str());  // what is not there stays away
  return std::rename(file.c_str(), numbered(1).c_str()) == 0;
}

Status LogFile::append(std::string line) {
  line += '\n';
  struct stat own = {};
  if (::fstat(file_.value(), &own) != 0) return failure();
  const bool full = rotation_.at_bytes > 0 && S_ISREG(own.st_mode) && own.st_size > 0 &&
                    own.st_size + static_cast<std::int64_t>(line.size()) > rotation_.at_bytes;
  if (!is_current(own) || (full && rotate(own))) {
    TACHIKOMA_TRY_STATUS(reopen());
  }
  if (torn_) line.insert(line.begin(), '\n');
  const ssize_t written = write_once(file_.value(), line);
  if (written < 0) return failure();
  torn_ = static_cast<std::size_t>(written) < line.size();
  if (!torn_) return Done{};
  return Error(ErrorCode::internal, "can't write a whole line to '" + path_ + "'");
}

}  // namespace tachikoma::jsonl
