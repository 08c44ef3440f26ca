// SPDX-License-Identifier: MIT
#include "edit_text.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#include <utility>

#include <sys/wait.h>

#include "base/blocking_io.hpp"
#include "base/try.hpp"
#include "read_text.hpp"

namespace tachikoma::cli {
namespace {

std::string editor() {
  for (const char* name : {"VISUAL", "EDITOR"})
    if (const char* value = std::getenv(name); value && *value) return value;
  return "vi";
}

/// A file that only this user can read, and that is gone with the object.
class DraftFile {
 public:
  static Result<DraftFile> make(std::string_view text) {
    const char* const folder = std::getenv("TMPDIR");
    std::string path = std::string(folder && *folder ? folder : "/tmp") + "/tachikoma-XXXXXX.md";
    const int fd = ::mkstemps(path.data(), 3);
    if (fd < 0)
      return Error(ErrorCode::invalid_argument, "can't make '" + path + "': " + std::strerror(errno),
                   "set TMPDIR to a folder that you can write to");
    const int failure = base::write_all(fd, text);
    ::close(fd);
    DraftFile file(std::move(path));
    if (failure != 0)
      return Error(ErrorCode::invalid_argument,
                   "can't write '" + file.path_ + "': " + std::strerror(failure));
    return file;
  }
  ~DraftFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  DraftFile(DraftFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  DraftFile& operator=(DraftFile&&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit DraftFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// EDITOR may have arguments: the shell splits it.
int run_editor(const std::string& command, const std::string& file) {
  const std::string line = "exec " + command + R"( "$1")";
  const pid_t pid = ::fork();
  if (pid < 0) return -1;
  if (pid == 0) {
    ::signal(SIGPIPE, SIG_DFL);
    ::execl("/bin/sh", "sh", "-c", line.c_str(), "sh", file.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<std::string> edit_text(std::string_view text) {
  TACHIKOMA_TRY(const DraftFile file, DraftFile::make(text));
  const std::string command = editor();
  if (const int code = run_editor(command, file.path()); code != 0)
    return Error(
        ErrorCode::invalid_argument,
        "the editor '" + command + "' ended with exit code " + std::to_string(code) + ": nothing is sent",
        "EDITOR names the editor, as in: EDITOR=nano tachikoma chat");
  TACHIKOMA_TRY(std::string edited, read_text(file.path()));
  edited.erase(edited.find_last_not_of("\r\n") + 1);
  return edited;
}

}  // namespace tachikoma::cli
