// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "tachikoma/plugin_call.hpp"

namespace tachikoma::plugins {

/// Says for its lifetime what this thread is calling. A plain store and another at the end.
class CallMark {
 public:
  explicit CallMark(const PluginCall& call) : before_(current) { current = call; }
  ~CallMark() { current = before_; }
  CallMark(const CallMark&) = delete;
  CallMark& operator=(const CallMark&) = delete;

 private:
  friend PluginCall tachikoma::current_plugin_call() noexcept;

  // In the part of a thread's memory that is always there: a signal handler must not allocate any.
  [[gnu::tls_model("initial-exec")]] static thread_local constinit PluginCall current;

  const PluginCall before_;
};

}  // namespace tachikoma::plugins
