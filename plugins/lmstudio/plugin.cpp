// SPDX-License-Identifier: MIT
#include "lmstudio/provider.hpp"

TACHIKOMA_PLUGIN(registrar) { return registrar.provider("lmstudio", tachikoma::lmstudio::LmStudio::make); }
