// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "support/simulator.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/tachikoma.hpp"

namespace tachikoma::testing {

/// One of LM Studio's own forms of a configuration, read from a file of ours, and the registry that checked
/// it.
struct Form {
  Form(const char* name, const std::string& text);

  TempDir folder;
  PluginRegistry plugins{{}, [](Severity, std::string_view, std::string_view) {}};
  Config config;
};

/// LM Studio's server settings, with one model.
Form server_settings(int port = 1234);
/// Its settings of a model, flat.
Form model_configuration();

/// A runtime on this simulator by a form that names no server.
Runtime runtime_by(Form form, const Simulator& simulator);

}  // namespace tachikoma::testing
