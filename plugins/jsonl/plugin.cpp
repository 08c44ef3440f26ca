// SPDX-License-Identifier: MIT
#include "jsonl/jsonl_monitor.hpp"

TACHIKOMA_PLUGIN(registrar) { return registrar.monitor("jsonl", tachikoma::jsonl::make_monitor); }
