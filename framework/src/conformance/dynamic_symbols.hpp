// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace tachikoma::conformance {

/// What a library's file says of how it is linked.
struct Linkage {
  std::vector<std::string> exported = {};   ///< names, as the linker knows them
  std::vector<std::string> undefined = {};  ///< those that others have to provide, without weak ones
  bool binds_at_once = false;               ///< all of them when it is loaded, none later
  bool executable_stack = false;
  bool patched_code = false;  ///< its code is changed when it is loaded
};

/// Of a file that `plugins::read_note` has accepted; safe on any bytes.
Linkage read_linkage(const base::Bytes& file);

}  // namespace tachikoma::conformance
