// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "support/temp_dir.hpp"
#include "tachikoma/tachikoma.hpp"

namespace tachikoma::testing {

/// A user's machine for this process: a home of its own, and the ports where LM Studio may be.
class Machine {
 public:
  explicit Machine(bool has_lmstudio = true, const std::string& ports = "",
                   const std::string& sdk_ports = "");
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  const TempDir& folder() const { return folder_; }

 private:
  TempDir folder_;
  std::string home_;
};

/// A runtime whose file has one provider 'lmstudio', with short clocks and no retries. `more` are further
/// keys of the provider, a line each; `rest` is the rest of the file.
Runtime open_world(const TempDir& folder, const std::string& base_url, const std::string& more = {},
                   const std::string& rest = {});

/// What a call comes to: "ok", or the error's code, with the clock of a time-out.
std::string outcome(const Error& error);

/// "warning websocket-refused, …", or "nothing".
std::string ids_of(const Diagnosis& diagnosis);
std::string first_id(const Diagnosis& diagnosis);

}  // namespace tachikoma::testing
