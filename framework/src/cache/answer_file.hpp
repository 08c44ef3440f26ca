// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/sqlite.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::cache {

/// The database of a response cache, open.
struct AnswerFile {
  base::Database database;
  std::uint64_t number;     ///< of the file: another one in its place has another
  std::string notice = {};  ///< a sentence on a file that was set aside for it; empty: none was
};

/// `$XDG_CACHE_HOME/tachikoma/answers.db`, or that below `~/.cache`; empty without a home.
std::string default_answer_file();

/// Opens it, and makes what is not there yet: the file, readable by this user alone, its folder, its tables.
/// One that is damaged, or has the form of an older version, is set aside. One that others can write, that
/// was written by a newer version, or that is another program's, is refused, and stays as it is. `patience`:
/// how long it waits until another program has made the tables.
Result<AnswerFile> open_answer_file(const std::string& path, std::chrono::milliseconds patience);

/// Gives the damaged file of that number another name, so that a new one can be begun in its place: a
/// sentence that names both; or none, if there is another file by now.
Result<std::string> set_aside(const std::string& path, std::uint64_t number, const Error& why);

}  // namespace tachikoma::cache
