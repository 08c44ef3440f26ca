// SPDX-License-Identifier: MIT
#pragma once

/// Everything that a plugin author includes. Standard library only.

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/capability/chat_async.hpp"
#include "tachikoma/plugin/capability/embedder.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/capability/name_resolver.hpp"
#include "tachikoma/plugin/capability/tokenizer.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/component.hpp"
#include "tachikoma/plugin/entry.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/exception.hpp"
#include "tachikoma/plugin/fields.hpp"
#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/make_tool.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/monitor.hpp"
#include "tachikoma/plugin/provider.hpp"
#include "tachikoma/plugin/registrar.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/stream.hpp"
#include "tachikoma/plugin/tool.hpp"
#include "tachikoma/plugin/value.hpp"
