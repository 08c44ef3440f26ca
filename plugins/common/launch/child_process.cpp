// SPDX-License-Identifier: MIT
#include "common/launch/child_process.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <spawn.h>
#include <thread>
#include <unistd.h>

#include <sys/wait.h>

#include "base/try.hpp"
#include "common/net/cancel_wake.hpp"
#include "common/net/companion.hpp"
#include "common/net/socket.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::size_t kLinesKept = 40;
constexpr std::size_t kLongestLine = 4096;

struct Pipe {
  Socket read, write;  // closed by their destructors
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return Error(ErrorCode::internal, "can't create a pipe (" + errno_text(errno) + ")");
  return Pipe{Socket(ends[0]), Socket(ends[1])};
}

// Writing to a socket without a reader raises no signal with MSG_NOSIGNAL.
Result<Pipe> make_line() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Error(ErrorCode::internal, "can't create a socket (" + errno_text(errno) + ")");
  return Pipe{Socket(ends[0]), Socket(ends[1])};
}

// "A=1", as for `execve`: our environment, overridden by that of the command.
std::vector<std::string> environment_of(const ChildCommand& command) {
  std::vector<std::string> all;
  for (const auto& [name, value] : command.environment) all.push_back(name + "=" + value);
  for (char** each = environ; *each; ++each) {
    const std::string_view entry(*each);
    const std::string_view name = entry.substr(0, entry.find('='));
    bool replaced = std::find(command.without.begin(), command.without.end(), name) != command.without.end();
    for (const auto& [ours, value] : command.environment) replaced = replaced || ours == name;
    if (!replaced) all.emplace_back(entry);
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

struct Word {
  std::string_view name;
  int number = 0;
};

std::optional<Word> read_word(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  Word word{line.substr(0, space)};
  std::from_chars(line.data() + space + 1, line.data() + line.size(), word.number);
  return word;
}

// Passes on each complete line of `text`, and keeps the rest in it.
template <class Take>
void take_lines(std::string& text, const Take& take) {
  std::size_t start = 0;
  for (std::size_t end = 0; (end = text.find('\n', start)) != std::string::npos; start = end + 1)
    take(std::string_view(text).substr(start, end - start));
  text.erase(0, start);
  if (text.size() < kLongestLine) return;
  take(std::string_view(text));
  text.clear();
}

}  // namespace

std::string to_text(const ChildEnd& end) {
  if (end.signal == 0) return "exit code " + std::to_string(end.exit_code);
  return "signal " + std::to_string(end.signal) + " (" + ::strsignal(end.signal) + ")";
}

class ChildProcess::Impl {
 public:
  explicit Impl(OnLine on_line) : on_line_(std::move(on_line)) {}
  ~Impl() {
    if (reader_.joinable()) reader_.join();  // ends with the keeper
    if (keeper_ > 0) ::waitpid(keeper_, nullptr, 0);
  }

  Status start(const ChildCommand& command);
  void send(char word) const {
    while (::send(owner_.fd(), &word, 1, MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
  }
  pid_t pid() const { return pid_; }

  std::optional<ChildEnd> end() const {
    const std::lock_guard lock(mutex_);
    return end_;
  }
  bool wait_for_end(std::chrono::milliseconds limit, Cancellation& cancellation) const {
    const CancelWake wake(cancellation, mutex_, changed_);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [&] { return end_ || wake.cancelled(); });
    return end_.has_value();
  }
  bool wait_for_end(std::chrono::milliseconds limit) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return end_.has_value(); });
  }
  void wait_for_end() const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return end_.has_value(); });
  }
  std::string last_lines() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const std::string& line : lines_) all += (all.empty() ? "" : "\n") + line;
    return all;
  }

 private:
  Status spawn(const ChildCommand& command, Pipe& control, Pipe& report, Pipe& output);
  Status wait_until_started(const ChildCommand& command);
  void read_all();
  bool read_some(const Socket& from, std::string& text) const;
  void on_report(std::string_view line);
  void on_output(std::string_view line);

  const OnLine on_line_;
  Socket owner_, report_, output_;
  pid_t keeper_ = -1;
  pid_t pid_ = -1;
  std::thread reader_;
  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable changed_;
  int failure_ = -1;  // errno of the start; 0: it runs
  std::optional<ChildEnd> reported_, end_;
  std::deque<std::string> lines_;
};

Status ChildProcess::Impl::start(const ChildCommand& command) {
  Result<Pipe> control = make_line();
  Result<Pipe> report = make_pipe();
  Result<Pipe> output = make_pipe();
  for (const Result<Pipe>* pipe : {&control, &report, &output})
    if (!*pipe) return pipe->error();
  TACHIKOMA_TRY_STATUS(spawn(command, *control, *report, *output));
  owner_ = std::move(control->write);
  report_ = std::move(report->read);
  output_ = std::move(output->read);
  // the keeper's ends: closed here, so that it alone holds them
  control = Pipe{};
  report = Pipe{};
  output = Pipe{};
  try {
    reader_ = std::thread([this] { read_all(); });
  } catch (const std::system_error& failure) {
    return Error(ErrorCode::internal, std::string("no thread can be started (") + failure.what() + ")");
  }
  return wait_until_started(command);
}

Status ChildProcess::Impl::spawn(const ChildCommand& command, Pipe& control, Pipe& report, Pipe& output) {
  TACHIKOMA_TRY(const base::TrustedFile keeper,
                open_companion("tachikoma-keeper", "it keeps launched servers, and is not run"));
  const std::string program = "/proc/self/fd/" + std::to_string(keeper.file.value());  // what was checked
  std::vector<std::string> argv{keeper.path, command.keep_all ? "all" : "one",
                                std::to_string(command.stop_signal),
                                std::to_string(command.stop_time.count())};
  argv.insert(argv.end(), command.argv.begin(), command.argv.end());
  std::vector<std::string> environment = environment_of(command);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, control.read.fd(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, report.write.fd(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, output.write.fd(), STDERR_FILENO);
  posix_spawnattr_t
      attributes;  // the keeper starts with no signal blocked or ignored, whatever this thread has
  ::posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int failure = ::posix_spawn(&keeper_, program.c_str(), &files, &attributes, pointers(argv).data(),
                                    pointers(environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (failure == 0) return Done{};
  keeper_ = -1;
  return Error(ErrorCode::internal, "'" + keeper.path + "' can't be started (" + errno_text(failure) + ")",
               "install Tachikoma's plugins again");
}

Status ChildProcess::Impl::wait_until_started(const ChildCommand& command) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ >= 0; });
  if (failure_ == 0) return Done{};
  if (failure_ == EPERM)
    return Error(ErrorCode::config_invalid,
                 "'" + command.argv.front() + "' runs as another user, and could not be ended again",
                 "let that user run the server, as a service for example, and give its address alone");
  return Error(ErrorCode::config_invalid,
               "'" + command.argv.front() + "' can't be run (" + errno_text(failure_) + ")",
               "give the path of the program, or install it");
}

// Runs until the keeper is gone, and with it all that it kept; the end is reported after all output was read.
void ChildProcess::Impl::read_all() {
  std::string report, output;
  std::array<pollfd, 2> wanted{{{report_.fd(), POLLIN, 0}, {output_.fd(), POLLIN, 0}}};
  while (wanted[0].fd >= 0) {
    if (::poll(wanted.data(), wanted.size(), -1) < 0) continue;
    if (wanted[0].revents && !read_some(report_, report)) wanted[0].fd = -1;
    take_lines(report, [this](std::string_view line) { on_report(line); });
    if (wanted[1].revents && !read_some(output_, output)) wanted[1].fd = -1;
    take_lines(output, [this](std::string_view line) { on_output(line); });
  }
  while (wanted[1].fd >= 0 && ::poll(&wanted[1], 1, 0) > 0 && read_some(output_, output))
    take_lines(output, [this](std::string_view line) { on_output(line); });
  if (!output.empty()) on_output(output);
  const std::lock_guard lock(mutex_);
  if (failure_ < 0) failure_ = ECHILD;
  if (!reported_ && pid_ > 0)
    ::kill(-pid_, SIGKILL);  // the keeper was killed, and with it only the command itself
  end_ = reported_.value_or(ChildEnd{.signal = SIGKILL});
  changed_.notify_all();
}

bool ChildProcess::Impl::read_some(const Socket& from, std::string& text) const {
  std::array<char, 8192> bytes;
  const ssize_t got = ::read(from.fd(), bytes.data(), bytes.size());
  if (got > 0) text.append(bytes.data(), static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && errno == EINTR);
}

void ChildProcess::Impl::on_report(std::string_view line) {
  const std::optional<Word> word = read_word(line);
  if (!word) return;
  const std::lock_guard lock(mutex_);
  if (word->name == "started") {
    pid_ = word->number;
    failure_ = 0;
  }
  if (word->name == "failed") failure_ = word->number;
  if (word->name == "exit") reported_ = ChildEnd{.exit_code = word->number};
  if (word->name == "signal") reported_ = ChildEnd{.signal = word->number};
  changed_.notify_all();
}

void ChildProcess::Impl::on_output(std::string_view line) {
  {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(line);
    if (lines_.size() > kLinesKept) lines_.pop_front();
  }
  if (on_line_) on_line_(line);
}

ChildProcess::ChildProcess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ChildProcess::~ChildProcess() { stop(); }

void ChildProcess::end_now() {
  stop();
  impl_->wait_for_end();
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const ChildCommand& command, OnLine on_line) {
  if (command.argv.empty()) return Error(ErrorCode::config_invalid, "there is no command to run");
  auto impl = std::make_unique<Impl>(std::move(on_line));
  TACHIKOMA_TRY_STATUS(impl->start(command));
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(impl)));
}

pid_t ChildProcess::pid() const { return impl_->pid(); }
void ChildProcess::stop() { impl_->send('s'); }
void ChildProcess::kill() { impl_->send('k'); }
std::optional<ChildEnd> ChildProcess::end() const { return impl_->end(); }
bool ChildProcess::wait_for_end(std::chrono::milliseconds limit, Cancellation& cancellation) const {
  return impl_->wait_for_end(limit, cancellation);
}
bool ChildProcess::wait_for_end(std::chrono::milliseconds limit) const { return impl_->wait_for_end(limit); }
std::string ChildProcess::last_lines() const { return impl_->last_lines(); }

}  // namespace tachikoma::kit
