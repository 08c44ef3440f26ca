// SPDX-License-Identifier: MIT
#include "tachikoma/plugin/plugin.hpp"

#include "log_monitor.hpp"

TACHIKOMA_PLUGIN(registrar) { return registrar.monitor("sqlite_log", tachikoma::sqlite_log::make_monitor); }
