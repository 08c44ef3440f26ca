// SPDX-License-Identifier: MIT
#include "conformance/apart.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/bytes.hpp"
#include "base/durations.hpp"
#include "plugins/guard.hpp"

namespace tachikoma::conformance {
namespace {

constexpr int kOutOfReach = 100;  // plugins that close descriptors begin with the first ones
constexpr std::size_t kMostOfAReason = 8000;

// What parent and child share.
struct Shared {
  char calling[300];
  CheckStatus status;
  bool done;
  char reason[kMostOfAReason + 1];
};

Shared* shared_page = nullptr;
int output = -1;

void copy_text(std::string_view text, char* to, std::size_t room) {
  const std::size_t length = std::min(text.size(), room - 1);
  std::memcpy(to, text.data(), length);
  to[length] = '\0';
}

Verdict verdict_of(const std::function<Verdict()>& check) {
  try {
    return check();
  } catch (...) {
    return fail("the check itself " + plugins::describe_current_exception());
  }
}

[[noreturn]] void be_child(const std::function<Verdict()>& check, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  if (nothing > STDERR_FILENO) ::close(nothing);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  const Verdict verdict = verdict_of(check);
  copy_text(verdict.reason, shared_page->reason, sizeof shared_page->reason);
  shared_page->status = verdict.status;
  shared_page->done = true;
  ::_exit(0);
}

// True when the child has ended in time. It is not reaped yet, so that its group can't be another's.
bool ends_in_time(pid_t child, std::chrono::milliseconds limit) {
  const base::Descriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd wait{ended.value(), POLLIN, 0};
    const int found = ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (found >= 0 || errno != EINTR) return found > 0;
  }
}

std::string where() {
  return shared_page->calling[0] ? std::string(" in ") + shared_page->calling : std::string();
}

Verdict judge(int status) {
  if (shared_page->done) return {shared_page->status, shared_page->reason};
  if (!WIFSIGNALED(status))
    return fail("it ended the process, with exit code " + std::to_string(WEXITSTATUS(status)) + "," +
                where());
  const char* name = ::sigabbrev_np(WTERMSIG(status));
  return fail("it crashed the process (SIG" + std::string(name ? name : "?") + ")" + where());
}

}  // namespace

int output_file() { return output; }

void calling(std::string_view what) {
  if (shared_page) copy_text(what, shared_page->calling, sizeof shared_page->calling);
}

Verdict run_apart(const std::function<Verdict()>& check, std::chrono::milliseconds limit) {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  const base::Descriptor made(::memfd_create("output", MFD_CLOEXEC));
  const base::Descriptor kept(::fcntl(made.value(), F_DUPFD_CLOEXEC, kOutOfReach));
  if (memory == MAP_FAILED || kept.value() < 0)
    return fail(std::string("no child process could be prepared: ") + std::strerror(errno));
  shared_page = new (memory) Shared{};
  output = kept.value();
  std::fflush(nullptr);  // else the child may write it once more
  const pid_t parent = ::getpid(), child = ::fork();
  if (child == 0) be_child(check, parent);
  Verdict verdict = fail(std::string("no child process could be started: ") + std::strerror(errno));
  if (child > 0) {
    const bool ended = ends_in_time(child, limit);
    ::kill(-child, SIGKILL);
    ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    verdict = ended ? judge(status)
                    : fail("it did not come to its end within " + base::describe_time(limit) + where());
  }
  shared_page = nullptr;
  output = -1;
  ::munmap(memory, sizeof(Shared));
  return verdict;
}

}  // namespace tachikoma::conformance
