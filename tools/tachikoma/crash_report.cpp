// SPDX-License-Identifier: MIT
#include "crash_report.hpp"

#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <unistd.h>

#include <tachikoma/plugin_call.hpp>

namespace tachikoma::cli {
namespace {

/// A line, put together without allocating. What does not fit is left out.
class CrashLine {
 public:
  CrashLine& operator<<(std::string_view text) {
    for (const char c : text)
      if (size_ + 1 < text_.size()) text_[size_++] = static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    return *this;
  }
  void write() {
    text_[size_++] = '\n';
    [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, text_.data(), size_);
  }

 private:
  std::array<char, 512> text_;
  std::size_t size_ = 0;
};

void report(int number) {
  const PluginCall call = current_plugin_call();
  if (!call.plugin.empty()) {
    const char* const name = ::sigabbrev_np(number);
    CrashLine line;
    line << "tachikoma: the program crashed (SIG" << (name ? name : "?") << ") while it ";
    if (call.component.empty())
      line << "loaded";
    else
      line << "called " << call.function << "() of " << call.kind << " '" << call.component << "' of";
    line << " plugin '" << call.plugin << "'; report it to the plugin's author";
    line.write();
  }
  ::raise(number);  // the handler is gone
}

}  // namespace

void report_crashes_of_plugins() {
  // a stack that has run over has no room for a handler
  static std::array<std::byte, 64 * 1024> own_stack;
  const stack_t stack{.ss_sp = own_stack.data(), .ss_flags = 0, .ss_size = own_stack.size()};
  ::sigaltstack(&stack, nullptr);
  for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
    struct sigaction before = {};
    if (::sigaction(number, nullptr, &before) != 0 || before.sa_handler != SIG_DFL) continue;
    struct sigaction action = {};
    action.sa_handler = report;
    action.sa_flags = SA_ONSTACK | SA_RESETHAND | SA_NODEFER;
    ::sigaction(number, &action, nullptr);
  }
}

}  // namespace tachikoma::cli
