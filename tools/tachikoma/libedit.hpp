// SPDX-License-Identifier: MIT
#pragma once

#include <histedit.h>

#include <tachikoma/plugin/result.hpp>

namespace tachikoma::cli {

/// The functions of libedit that are used. The library is opened when a chat begins on a terminal: linked, it
/// would make every command start half a millisecond later. It stays open.
struct Libedit {
  /// Fails with `internal` if it is not installed.
  static Result<Libedit> open();

  decltype(&::el_init_fd) init = nullptr;
  decltype(&::el_end) end = nullptr;
  decltype(&::el_gets) gets = nullptr;
  decltype(&::el_set) set = nullptr;
  decltype(&::el_line) line = nullptr;
  decltype(&::el_insertstr) insert = nullptr;
  decltype(&::el_resize) resize = nullptr;
  decltype(&::el_source) source = nullptr;
  decltype(&::history_init) history_init = nullptr;
  decltype(&::history_end) history_end = nullptr;
  decltype(&::history) history = nullptr;
};

}  // namespace tachikoma::cli
