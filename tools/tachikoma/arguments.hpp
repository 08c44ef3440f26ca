// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tachikoma/plugin/chat.hpp>
#include <tachikoma/plugin/load.hpp>
#include <tachikoma/plugin/result.hpp>

namespace tachikoma::cli {

enum class Command : std::uint8_t {
  print,  ///< `Options::text`, and nothing else: help, version
  ask,
  chat,
  embed,
  count,
  models,
  load,
  unload,
  ps,
  download,
  status,
  doctor,
  plugin_list,
  plugin_info,
  config_check,
  config_show,
  config_path,
};

/// What to do with the reasoning of an answer.
enum class Think : std::uint8_t { hide, show, only };

/// The command line, parsed and checked; a plain value. Every verb reads the members that it has.
struct Options {
  Command command = Command::print;
  std::string text;  ///< what to print

  // of every verb
  std::string config;  ///< empty: the file that is found
  std::vector<std::string> plugin_paths;
  bool json = false;
  bool verbose = false;
  bool color = true;  ///< still only on a terminal

  // ask, chat, count; embed has the model alone
  std::string model;
  std::string system;
  GenerationSettings settings;

  // ask, count, embed
  std::vector<std::string> words;  ///< the prompt, or the texts, as typed; "-" alone: all of stdin
  std::vector<std::string> files;

  // ask
  std::string schema;              ///< a file with a JSON Schema
  std::vector<std::string> tools;  ///< ids of the configuration's tools
  Think think = Think::hide;
  bool stream_json = false;
  bool usage = false;

  // count
  bool plain = false;  ///< the text alone, without the model's template

  // models
  bool loaded = false;
  bool names = false;

  // load
  LoadSettings load;
  bool estimate_only = false;

  // unload
  bool all = false;

  // download
  std::string quantization;

  // doctor
  bool load_first = false;
  bool no_measure = false;

  // load, unload, download: a model; doctor: a provider; plugin info: a name or a file; config check: a file;
  // or empty
  std::string subject;
};

/// Parses the command line. Fails with `invalid_argument`, naming what was not understood and what is
/// near it. Reads no file.
Result<Options> parse_arguments(int argc, const char* const* argv);

/// True when the errors of this command line are to be printed as JSON, even those of parsing it.
bool wants_json(int argc, const char* const* argv);

}  // namespace tachikoma::cli
