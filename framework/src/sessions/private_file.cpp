// SPDX-License-Identifier: MIT
#include "sessions/private_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

#include <sys/file.h>
#include <sys/stat.h>

#include "base/blocking_io.hpp"
#include "base/trusted_file.hpp"
#include "base/try.hpp"

namespace tachikoma::sessions {
namespace {

namespace fs = std::filesystem;

Error cannot(ErrorCode code, const std::string& what, const std::string& path, int failure) {
  return Error(code, "can't " + what + " '" + path + "' (" + std::strerror(failure) + ")", {},
               Value::object({{"file", path}}));
}

Error in_use(const std::string& path) {
  return Error(ErrorCode::invalid_argument,
               "'" + path + "' is in use: a program goes on with this conversation",
               "end that program, or choose another file", Value::object({{"file", path}, {"in_use", true}}));
}

// A configuration is what the trusted files are else.
Error as_argument(Error error, const std::string& path) {
  error.code = ErrorCode::invalid_argument;
  error.detail = Value::object({{"file", path}});
  return error;
}

Result<base::TrustedFile> open_checked(const std::string& path) {
  Result<base::TrustedFile> opened = base::open_trusted(path, base::OwnFolder::sticky);
  if (!opened) return as_argument(std::move(opened).error(), path);
  return opened;
}

Status take_lock(const base::Descriptor& file, const std::string& path) {
  if (::flock(file.value(), LOCK_EX | LOCK_NB) == 0) return Done{};
  if (errno == EWOULDBLOCK) return in_use(path);
  return cannot(ErrorCode::invalid_argument, "lock", path, errno);
}

Result<std::string> read_all_of(const base::Descriptor& file, const std::string& path) {
  std::string content;
  std::array<char, 65536> bytes;
  for (off_t at = 0;;) {
    const ssize_t count = ::pread(file.value(), bytes.data(), bytes.size(), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot(ErrorCode::invalid_argument, "read", path, errno);
    if (count == 0) return content;
    content.append(bytes.data(), static_cast<std::size_t>(count));
    at += count;
  }
}

}  // namespace

Result<std::string> read_private_file(const std::string& path) {
  TACHIKOMA_TRY(const base::TrustedFile opened, open_checked(path));
  return read_all_of(opened.file, path);
}

bool PrivateFile::is_at(const std::string& path) const {
  struct stat mine = {}, there = {};
  return ::fstat(file_.value(), &mine) == 0 && ::stat(path.c_str(), &there) == 0 &&
         mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

Result<PrivateFile> PrivateFile::open(const std::string& path) {
  for (;;) {
    TACHIKOMA_TRY(base::TrustedFile opened, open_checked(path));
    PrivateFile file(
        base::Descriptor(::open(base::path_of_open(opened.file).c_str(), O_RDWR | O_APPEND | O_CLOEXEC)),
        std::move(opened.path));
    if (file.file_.value() < 0) return cannot(ErrorCode::invalid_argument, "write", path, errno);
    TACHIKOMA_TRY_STATUS(take_lock(file.file_, path));
    if (file.is_at(file.path_)) return file;  // else it was replaced meanwhile, by whoever had it
  }
}

// A file of another name in the same folder, which becomes the one that is read.
Result<PrivateFile> PrivateFile::write_beside(const std::string& path, std::string_view text) {
  const fs::path whole = fs::path(path);
  if (whole.filename().empty()) return cannot(ErrorCode::invalid_argument, "write", path, EISDIR);
  std::string beside = (whole.parent_path() / ("." + whole.filename().string() + ".XXXXXX")).string();
  base::Descriptor made(::mkostemp(beside.data(), O_APPEND | O_CLOEXEC));
  if (made.value() < 0) return cannot(ErrorCode::invalid_argument, "write", path, errno);
  PrivateFile file(std::move(made), beside);
  const auto fill = [&]() -> Status {
    TACHIKOMA_TRY(base::TrustedFile checked, open_checked(beside));  // before anything private is in it
    file.path_ = std::move(checked.path);
    TACHIKOMA_TRY_STATUS(take_lock(file.file_, path));
    int failure = base::write_all(file.file_.value(), text);
    if (failure == 0 && ::fsync(file.file_.value()) != 0) failure = errno;
    if (failure != 0) return cannot(ErrorCode::internal, "write", path, failure);
    return Done{};
  };
  Status filled = fill();
  if (filled) return file;
  ::unlink(beside.c_str());
  return std::move(filled).error();
}

Status PrivateFile::move_to(const std::string& path) {
  if (::rename(path_.c_str(), path.c_str()) != 0) {
    const int failure = errno;
    ::unlink(path_.c_str());
    return cannot(ErrorCode::invalid_argument, "replace", path, failure);
  }
  path_ = path;
  return Done{};
}

Result<PrivateFile> PrivateFile::create(const std::string& path, std::string_view text) {
  TACHIKOMA_TRY(PrivateFile file, write_beside(path, text));
  const std::string place = (fs::path(file.path_).parent_path() / fs::path(path).filename()).string();
  const int failure = ::link(file.path_.c_str(), place.c_str()) == 0 ? 0 : errno;
  ::unlink(file.path_.c_str());
  if (failure == EEXIST)
    return Error(ErrorCode::invalid_argument, "'" + path + "' exists already",
                 "choose another name, or continue what it has",
                 Value::object({{"file", path}, {"exists", true}}));
  if (failure != 0) return cannot(ErrorCode::invalid_argument, "make", path, failure);
  file.path_ = place;
  return file;
}

Result<PrivateFile> PrivateFile::put(const std::string& path, std::string_view text) {
  const base::Descriptor there(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (there.value() >= 0) TACHIKOMA_TRY_STATUS(take_lock(there, path));
  TACHIKOMA_TRY(PrivateFile file, write_beside(path, text));
  TACHIKOMA_TRY_STATUS(
      file.move_to((fs::path(file.path_).parent_path() / fs::path(path).filename()).string()));
  return file;
}

Result<std::string> PrivateFile::read() const { return read_all_of(file_, path_); }

Status PrivateFile::append(std::string_view text) {
  if (!is_at(path_)) return cannot(ErrorCode::internal, "write", path_, ENOENT);
  int failure = base::write_all(file_.value(), text);
  if (failure == 0 && ::fdatasync(file_.value()) != 0) failure = errno;
  if (failure != 0) return cannot(ErrorCode::internal, "write", path_, failure);
  return Done{};
}

Status PrivateFile::replace(std::string_view text) {
  if (struct stat there = {}; !is_at(path_) && ::lstat(path_.c_str(), &there) == 0)
    return Error(ErrorCode::internal,
                 "'" + path_ + "' is another file by now: another program has put it there",
                 "save the conversation to another file", Value::object({{"file", path_}}));
  TACHIKOMA_TRY(PrivateFile fresh, write_beside(path_, text));
  TACHIKOMA_TRY_STATUS(fresh.move_to(path_));
  *this = std::move(fresh);
  return Done{};
}

}  // namespace tachikoma::sessions
