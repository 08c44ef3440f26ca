// SPDX-License-Identifier: MIT
#include "log_monitor.hpp"
#include "tachikoma/plugin/plugin.hpp"

TACHIKOMA_PLUGIN(registrar) { return registrar.monitor("sqlite_log", tachikoma::sqlite_log::make_monitor); }
