// SPDX-License-Identifier: MIT
#pragma once

/// The one header that an application includes. It includes no third-party header.

#include "tachikoma/batch.hpp"
#include "tachikoma/batch_queue.hpp"
#include "tachikoma/batch_worker.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/conversation.hpp"
#include "tachikoma/embedding.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/image.hpp"
#include "tachikoma/json.hpp"
#include "tachikoma/memory_report.hpp"
#include "tachikoma/model_registry.hpp"
#include "tachikoma/model_selector.hpp"
#include "tachikoma/plugin/sdk/fields.hpp"
#include "tachikoma/plugin_registry.hpp"
#include "tachikoma/prompt_template.hpp"
#include "tachikoma/reload.hpp"
#include "tachikoma/runtime.hpp"
#include "tachikoma/structured_output.hpp"
#include "tachikoma/text_stream.hpp"
#include "tachikoma/tool_functions.hpp"
#include "tachikoma/tool_kit.hpp"
#include "tachikoma/usage_monitor.hpp"
#include "tachikoma/version.hpp"
