// SPDX-License-Identifier: MIT
#include "otlp/otlp_monitor.hpp"

TACHIKOMA_PLUGIN(registrar) { return registrar.monitor("otlp", tachikoma::otlp::make_monitor); }
