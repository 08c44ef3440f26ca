// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "bench/client.hpp"

namespace tachikoma::bench {

/// An application on the public API: the `openai` plugin, loaded at run time, and the callback form.
std::unique_ptr<Client> make_tachikoma_client(const std::string& base_url);

}  // namespace tachikoma::bench
