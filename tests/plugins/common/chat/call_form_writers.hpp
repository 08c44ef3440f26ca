// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::testing {

/// A tool call, as a model makes it.
struct Call {
  std::string name;
  Value arguments;
};
using Calls = std::vector<Call>;

/// One of the forms in which models write calls into their text: how it writes them.
struct Form {
  const char* name;
  std::function<std::string(const Calls&)> write;
  std::size_t most = 3;  // calls at once
};

/// Every form that is known, as the chat templates and outputs of its models have it.
const std::vector<Form>& call_form_writers();

}  // namespace tachikoma::testing
