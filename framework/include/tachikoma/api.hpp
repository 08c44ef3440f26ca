// SPDX-License-Identifier: MIT
#pragma once

/// Marks what the library offers to programs. A shared library exports that, and nothing else.
#define TACHIKOMA_API [[gnu::visibility("default")]]
/// A part of such a class that is not offered.
#define TACHIKOMA_INTERNAL [[gnu::visibility("hidden")]]
