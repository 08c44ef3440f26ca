// SPDX-License-Identifier: MIT
// tachikoma-keeper: runs one command that never outlives its owner. Only ChildProcess starts it and knows the
// protocol: stdin is the line to the owner ('s' stop, 'k' kill, closed: the owner is gone); stdout gets the
// report, "started PID" and then "exit N" or "signal N", or else "failed ERRNO"; stderr is what the command
// writes.
//
//   usage: tachikoma-keeper all|one STOP_SIGNAL STOP_MILLISECONDS COMMAND...
//
// With `one`, what the command leaves behind when it ends on its own may stay.
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace {

using Clock = std::chrono::steady_clock;

/// The most time for a command to end on its own once its owner is gone.
constexpr std::chrono::milliseconds kAbandoned{1000};
/// The most time for what was killed to be gone: its memory may be large, and a device may be slow.
constexpr std::chrono::milliseconds kDying{15'000};

struct Command {
  pid_t pid = -1;
  bool ended = false;
  int status = 0;
};

void report(const char* word, int number) {
  char line[64];
  const int size = std::snprintf(line, sizeof line, "%s %d\n", word, number);
  while (::write(STDOUT_FILENO, line, static_cast<std::size_t>(size)) < 0 && errno == EINTR) {
  }
}

// The file that `execvp` would run; empty if there is none.
std::string file_of(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/bin:/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = (folder.empty() ? "." : folder) + "/" + program;
    struct stat facts {};
    if (::stat(file.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && ::access(file.c_str(), X_OK) == 0)
      return file;
  }
  return {};
}

// Such as sudo: nobody but root could end it again.
bool becomes_another_user(const std::string& program) {
  struct stat facts {};
  return ::geteuid() != 0 && ::stat(file_of(program).c_str(), &facts) == 0 &&
         (facts.st_mode & S_ISUID) != 0 && facts.st_uid != ::geteuid();
}

[[noreturn]] void become(char** argv, const sigset_t& usual, pid_t keeper, int failure) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != keeper) ::_exit(127);  // it died before the line above
  ::signal(SIGPIPE, SIG_DFL);               // as every program expects it, and not as the keeper has it
  ::sigprocmask(SIG_SETMASK, &usual, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  ::execvp(argv[0], argv);
  const int why = errno;
  while (::write(failure, &why, sizeof why) < 0 && errno == EINTR) {
  }
  ::_exit(127);
}

// Returns an errno; 0: it is running.
int start(Command& command, char** argv, const sigset_t& usual) {
  if (becomes_another_user(argv[0])) return EPERM;
  int failure[2];
  if (::pipe2(failure, O_CLOEXEC) != 0) return errno;
  const pid_t keeper = ::getpid();
  command.pid = ::fork();
  if (command.pid < 0) return errno;
  if (command.pid == 0) become(argv, usual, keeper, failure[1]);
  ::close(failure[1]);
  int why = 0;
  while (::read(failure[0], &why, sizeof why) < 0 && errno == EINTR) {
  }
  ::close(failure[0]);
  return why;
}

// False if all of it runs as another user: then nothing can be done about it.
bool signal_group(const Command& command, int number) {
  return command.ended || ::kill(-command.pid, number) == 0 || errno != EPERM;
}

// Reaps every process that has ended. False if none is left.
bool reap(Command& command) {
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, WNOHANG);
    if (ended == command.pid) {
      command.ended = true;
      command.status = status;
    }
    if (ended == 0) return true;
    if (ended < 0) return false;
  }
}

/// The time at which the command is killed if it has not ended.
class Deadline {
 public:
  void set(std::chrono::milliseconds from_now) {
    const auto at = Clock::now() + from_now;
    if (!set_ || at < at_) at_ = at;
    set_ = true;
  }
  void restart(std::chrono::milliseconds from_now) {
    set_ = false;
    set(from_now);
  }
  bool passed() const { return set_ && Clock::now() >= at_; }
  int left() const {
    if (!set_) return -1;
    return static_cast<int>(
        std::max<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now()).count(), 0));
  }

 private:
  bool set_ = false;
  Clock::time_point at_;
};

// The children of this process, of which the command's left ones are some: it is their subreaper.
std::vector<pid_t> children() {
  const std::string self = std::to_string(::getpid());
  std::ifstream list("/proc/" + self + "/task/" + self + "/children");
  std::vector<pid_t> all;
  for (pid_t child = 0; list >> child;) all.push_back(child);
  return all;
}

// Waits for the next end of a child, or for the deadline.
void wait_for_child(int signals, const Deadline& deadline) {
  pollfd wanted{signals, POLLIN, 0};
  signalfd_siginfo ignored;
  if (::poll(&wanted, 1, deadline.left()) > 0 && ::read(signals, &ignored, sizeof ignored) < 0) return;
}

// False if there are some that run as another user, and no others.
bool kill_children() {
  const std::vector<pid_t> all = children();
  const auto killed = [](pid_t child) { return ::kill(child, SIGKILL) == 0 || errno != EPERM; };
  return all.empty() || std::count_if(all.begin(), all.end(), killed) > 0;
}

// Kills the processes that the command left behind, and the command itself if it could not be stopped.
void kill_the_rest(Command& command, int signals) {
  Deadline deadline;
  deadline.set(kDying);
  while (reap(command) && !deadline.passed() && kill_children()) wait_for_child(signals, deadline);
  for (const pid_t child : children())
    std::fprintf(stderr,
                 "tachikoma-keeper: process %d stays: it can't be ended (does it run as another user?)\n",
                 child);
}

struct Stop {
  bool all = true;
  int signal = SIGTERM;
  std::chrono::milliseconds time{0};
  bool asked = false;
};

// Reads the owner's commands. False at their end.
bool read_commands(const Command& command, Stop& stop, Deadline& deadline) {
  char word = 0;
  const ssize_t got = ::read(STDIN_FILENO, &word, 1);
  if (got < 0 && errno == EINTR) return true;
  stop.asked = true;
  if (got == 1 && word == 'k') {
    deadline.set(std::chrono::milliseconds(0));
    return true;
  }
  const bool told = signal_group(command, stop.signal);
  deadline.set(!told ? std::chrono::milliseconds(0) : got == 1 ? stop.time : std::min(stop.time, kAbandoned));
  return got == 1;
}

void keep(Command& command, Stop& stop, int signals) {
  Deadline deadline;
  pollfd wanted[] = {{signals, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  bool killed = false;
  while (reap(command) && !command.ended) {
    if (deadline.passed() && killed) return;
    if (deadline.passed()) {
      if (!signal_group(command, SIGKILL)) return;
      killed = true;
      deadline.restart(kDying);
    }
    if (::poll(wanted, 2, deadline.left()) < 0) continue;
    signalfd_siginfo ignored;
    if (wanted[0].revents && ::read(signals, &ignored, sizeof ignored) < 0) continue;
    if (wanted[0].revents && ignored.ssi_signo != SIGCHLD) {
      signal_group(command, stop.signal);
      deadline.set(stop.time);
    }
    if (wanted[1].revents && !read_commands(command, stop, deadline)) wanted[1].fd = -1;
  }
}

template <class Number>
bool read_number(const char* text, Number& into) {
  const char* end = text + std::strlen(text);
  return std::from_chars(text, end, into).ptr == end;
}

}  // namespace

int main(int argc, char** argv) {
  Stop stop;
  std::int64_t milliseconds = 0;
  if (argc < 5 || !read_number(argv[2], stop.signal) || !read_number(argv[3], milliseconds)) {
    std::fputs("usage: tachikoma-keeper all|one STOP_SIGNAL STOP_MILLISECONDS COMMAND...\n", stderr);
    return 2;
  }
  stop.all = std::string_view(argv[1]) == "all";
  stop.time = std::chrono::milliseconds(milliseconds);
  ::prctl(PR_SET_NAME, "tachikoma-keepe");  // as long as names may be; it was started by its descriptor
  ::setsid();                               // the terminal's ^C is for the owner
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t mine, usual;
  sigemptyset(&mine);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&mine, number);
  ::sigprocmask(SIG_BLOCK, &mine, &usual);
  const int signals = ::signalfd(-1, &mine, SFD_CLOEXEC);
  Command command;
  const int failure = signals < 0 ? errno : start(command, argv + 4, usual);
  if (failure != 0) {
    report("failed", failure);
    return 1;
  }
  report("started", command.pid);
  keep(command, stop, signals);
  if (stop.all || stop.asked) kill_the_rest(command, signals);
  if (!command.ended)
    report("signal", SIGKILL);  // which it did not obey
  else if (WIFSIGNALED(command.status))
    report("signal", WTERMSIG(command.status));
  else
    report("exit", WEXITSTATUS(command.status));
  return 0;
}
