// SPDX-License-Identifier: MIT
#include "prometheus/prometheus_monitor.hpp"

TACHIKOMA_PLUGIN(registrar) { return registrar.monitor("prometheus", tachikoma::exposition::make_monitor); }
