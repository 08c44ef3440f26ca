// SPDX-License-Identifier: MIT
#pragma once

/// What a Catch2 test includes, of version 2 as of version 3.
#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#else
#include <catch2/catch.hpp>
#endif
