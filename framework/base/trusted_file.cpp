// SPDX-License-Identifier: MIT
#include "base/trusted_file.hpp"

#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/private_group.hpp"
#include "base/try.hpp"

namespace tachikoma::base {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  // as the kernel

Error distrust(const std::string& reason, std::string hint) {
  return Error(ErrorCode::config_invalid, reason, std::move(hint));
}

Error unreachable(const std::string& path, int failure) {
  return distrust("'" + path + "' can't be opened (" + std::strerror(failure) + ")",
                  failure == ENOENT ? "check the path" : "check that it exists and that you may read it");
}

// A file, folder or link as it was when it was opened.
struct Place {
  std::string path;
  struct stat status = {};
  bool has_list = false;  // an access list names further users and groups
};

Result<Place> place_of(const Descriptor& opened, std::string path) {
  Place place{std::move(path)};
  if (::fstat(opened.value(), &place.status) != 0) return unreachable(place.path, errno);
  if (!(place.status.st_mode & S_IWGRP)) return place;  // what a list allows is limited by these bits
  const std::string open_file = "/proc/self/fd/" + std::to_string(opened.value());
  place.has_list = ::getxattr(open_file.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
  return place;
}

Status check_owner(const Place& place, const std::string& called) {
  if (place.status.st_uid == 0 || place.status.st_uid == ::geteuid()) return Done{};
  return distrust(
      called + " belongs to user " + user_name(place.status.st_uid) + ", neither to root nor to you",
      "make a copy of your own, or: chown root '" + place.path + "'");
}

Status check_writers(const Place& place, const std::string& called) {
  const mode_t mode = place.status.st_mode;
  if (mode & S_IWOTH) return distrust(called + " is writable by everyone", "chmod o-w '" + place.path + "'");
  if (!(mode & S_IWGRP)) return Done{};
  if (place.has_list)
    return distrust(called + " is writable by those whom its access list names",
                    "setfacl -b '" + place.path + "'");
  // with umask 002 every file is writable by one's own group
  if (is_private_group(place.status.st_gid)) return Done{};
  return distrust(
      called + " is writable by group " + group_name(place.status.st_gid) + ", which is not yours alone",
      "chmod g-w '" + place.path + "'");
}

Status check(const Place& place, const std::string& called, bool may_be_sticky) {
  TACHIKOMA_TRY_STATUS(check_owner(place, called));
  if (may_be_sticky && (place.status.st_mode & S_ISVTX)) return Done{};
  return check_writers(place, called);
}

// Goes from the root to a file, one name at a time, and remembers every folder that it enters: what is
// checked afterwards is what it went through.
class Walk {
 public:
  Result<Descriptor> run(const fs::path& path) {
    push(path);
    TACHIKOMA_TRY_STATUS(enter(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/"));
    for (;;) {
      while (todo_.size() > 1) TACHIKOMA_TRY_STATUS(step());
      const std::string last = todo_.empty() ? "." : todo_.back();
      Descriptor file(
          ::openat(folder_.value(), last.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
      if (file.value() < 0 && errno != ELOOP) return unreachable((at_ / last).string(), errno);
      if (file.value() >= 0) {
        if (!todo_.empty()) at_ /= last;
        return file;
      }
      TACHIKOMA_TRY_STATUS(step());  // it is a link
    }
  }

  // The folder at the end of a path.
  Result<Descriptor> run_into(const fs::path& path) {
    push(path);
    TACHIKOMA_TRY_STATUS(enter(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/"));
    while (!todo_.empty()) TACHIKOMA_TRY_STATUS(step());
    return std::move(folder_);
  }

  const std::string& path() const { return at_.native(); }
  const std::vector<Place>& folders() const { return folders_; }
  const std::vector<Place>& links() const { return links_; }

 private:
  // The names of a path, the first one on top.
  void push(const fs::path& path) {
    std::vector<std::string> names;
    for (const fs::path& name : path.relative_path())
      if (!name.empty() && name != ".") names.push_back(name.string());
    todo_.insert(todo_.end(), names.rbegin(), names.rend());
  }

  Status step() {
    const std::string name = std::exchange(todo_.back(), {});
    todo_.pop_back();
    const fs::path next = name == ".." ? at_.parent_path() : at_ / name;
    Descriptor opened(::openat(folder_.value(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (opened.value() < 0) return unreachable(next.string(), errno);
    TACHIKOMA_TRY(Place place, place_of(opened, next.string()));
    if (S_ISLNK(place.status.st_mode)) return follow(opened, std::move(place));
    if (!S_ISDIR(place.status.st_mode)) return unreachable(next.string(), ENOTDIR);
    return enter(std::move(opened), next, std::move(place));
  }

  Status enter(int opened, const fs::path& path) {
    Descriptor folder(opened);
    if (opened < 0) return unreachable(path.string(), errno);
    TACHIKOMA_TRY(Place place, place_of(folder, path.string()));
    return enter(std::move(folder), path, std::move(place));
  }

  Status enter(Descriptor folder, const fs::path& path, Place place) {
    folder_ = std::move(folder);
    at_ = path;
    folders_.push_back(std::move(place));
    return Done{};
  }

  Status follow(const Descriptor& link, Place place) {
    std::string target(PATH_MAX, '\0');
    const ssize_t size = ::readlinkat(link.value(), "", target.data(), target.size());
    if (size <= 0 || links_.size() >= kMostLinks) return unreachable(place.path, size < 0 ? errno : ELOOP);
    target.resize(static_cast<std::size_t>(size));
    links_.push_back(std::move(place));
    push(target);
    if (target.front() != '/') return Done{};
    return enter(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/");
  }

  std::vector<std::string> todo_;
  Descriptor folder_;
  fs::path at_;
  std::vector<Place> folders_, links_;
};

// The folders and links that a walk went through, the last folder included.
Status check_way(const Walk& walk, OwnFolder own) {
  const Place& folder = walk.folders().back();
  TACHIKOMA_TRY_STATUS(check(folder, "'" + folder.path + "'", own == OwnFolder::sticky));
  for (const Place& above : walk.folders())
    TACHIKOMA_TRY_STATUS(check(above, "'" + above.path + "', a folder above it,", true));
  for (const Place& link : walk.links())
    TACHIKOMA_TRY_STATUS(check_owner(link, "'" + link.path + "', a link to it,"));
  return Done{};
}

std::uint64_t size_of(const Place& place) { return static_cast<std::uint64_t>(place.status.st_size); }

Status check_file(const Place& place) {
  if (!S_ISREG(place.status.st_mode)) return distrust("'" + place.path + "' is not a regular file", "");
  return check(place, "'" + place.path + "'", false);
}

}  // namespace

Result<TrustedFile> open_trusted(const std::string& path, OwnFolder own) {
  std::error_code failed;
  const fs::path whole = fs::absolute(path, failed);
  if (failed) return unreachable(path, failed.value());
  Walk walk;
  TACHIKOMA_TRY(Descriptor file, walk.run(whole));
  TACHIKOMA_TRY(const Place place, place_of(file, walk.path()));
  TACHIKOMA_TRY_STATUS(check_file(place));
  TACHIKOMA_TRY_STATUS(check_way(walk, own));
  return TrustedFile{std::move(file), walk.path(), size_of(place)};
}

TrustedFolder::TrustedFolder(const std::string& path) : given_(path) {
  std::error_code failed;
  const fs::path whole = fs::absolute(path, failed);
  Walk walk;
  Result<Descriptor> folder = failed ? unreachable(path, failed.value()) : walk.run_into(whole);
  if (!folder || !check_way(walk, OwnFolder::closed)) return;
  folder_ = *std::move(folder);
  path_ = walk.path();
}

Result<TrustedFile> TrustedFolder::open(const std::string& name) const {
  if (folder_.value() >= 0) {
    Descriptor file(::openat(folder_.value(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    Result<Place> place = file.value() < 0 ? unreachable(name, errno) : place_of(file, path_ + "/" + name);
    if (place && check_file(*place))
      return TrustedFile{std::move(file), std::move(place->path), size_of(*place)};
  }
  return open_trusted(given_ + "/" + name);  // it follows links, and says what is wrong
}

// The linker takes a library that is still mapped for every later one of the same path before it looks at the
// file, and numbers of open files are used again; so the path has the file's identity in it, as blanks that
// the kernel skips: a slash for each unit of a digit.
std::string path_of_open(const Descriptor& file) {
  struct stat opened = {}, seen = {};
  ::fstat(file.value(), &opened);
  std::string blanks = "fd/";
  for (std::uint64_t number : {std::uint64_t{opened.st_dev}, std::uint64_t{opened.st_ino}}) {
    for (; number; number >>= 4) blanks.append("./").append(number & 15, '/');
    blanks += "../fd/";
  }
  const std::string name = blanks + std::to_string(file.value());
  // with its number instead of "self" a debugger finds it too, if /proc shows the same numbers
  std::string path = "/proc/" + std::to_string(::getpid()) + "/" + name;
  const bool same =
      ::stat(path.c_str(), &seen) == 0 && seen.st_dev == opened.st_dev && seen.st_ino == opened.st_ino;
  return same ? path : "/proc/self/" + name;
}

}  // namespace tachikoma::base
