// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "readme/fenced_block.hpp"
#include "support/process.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

namespace tachikoma::testing {

/// Where the blocks of one document are tried, as a reader would: an installed Tachikoma, a folder of
/// their own, and a simulator in the place of LM Studio.
class Workshop {
 public:
  /// Does what the block's info string says (CONTRIBUTING.md lists it). Returns what is wrong, or nothing.
  std::string try_block(const FencedBlock& block);

 private:
  std::string write(const FencedBlock& block, const std::string& name);
  std::string run_script(const std::string& script);
  std::string run_in_source(const std::string& script);
  std::string run_server(const std::string& command);
  std::string run_console(const std::string& session);
  std::string check_config(const FencedBlock& block);
  std::string check_simulator_script(const FencedBlock& block);
  std::string compile_fragment(const FencedBlock& block);
  std::string check_excerpt(const FencedBlock& block);
  std::string check_json(const std::string& text);
  Command in_folder(std::vector<std::string> argv) const;
  std::string with_addresses(const std::string& text) const;

  TempDir folder_;
  Simulator simulator_;
};

}  // namespace tachikoma::testing
