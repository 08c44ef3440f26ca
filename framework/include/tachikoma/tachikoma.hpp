// SPDX-License-Identifier: MIT
#pragma once

/// Everything that an application includes. No third-party header is reachable from here.

#include "tachikoma/config.hpp"
#include "tachikoma/conversation.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/json.hpp"
#include "tachikoma/model_registry.hpp"
#include "tachikoma/plugin_registry.hpp"
#include "tachikoma/runtime.hpp"
#include "tachikoma/text_stream.hpp"
#include "tachikoma/version.hpp"
