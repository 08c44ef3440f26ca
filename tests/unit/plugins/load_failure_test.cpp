// SPDX-License-Identifier: MIT
#include "plugins/load_failure.hpp"

#include "support/catch.hpp"

using namespace tachikoma;

TEST_CASE("the linker's complaint about a symbol names it readably", "[plugins]") {
  const Error error =
      plugins::explain_load_failure("/p/foo.so: undefined symbol: _ZN4acme1fEi, version X", "/p/foo.so");
  CHECK(error.code == ErrorCode::plugin_refused);
  CHECK(error.message == "cannot load: undefined symbol _ZN4acme1fEi (acme::f(int))");
  CHECK(plugins::explain_load_failure("/p/foo.so: undefined symbol: f", "/p/foo.so").message ==
        "cannot load: undefined symbol f");
}

TEST_CASE("a missing library is named, with a way to find all of them", "[plugins]") {
  const Error error = plugins::explain_load_failure(
      "libPocoNet.so.90: cannot open shared object file: No such file or directory", "/p/foo.so");
  CHECK(error.message == "cannot load: it needs libPocoNet.so.90, which is not installed");
  CHECK(error.hint ==
        "install the package that has libPocoNet.so.90; `ldd /p/foo.so` lists everything missing");
}

TEST_CASE("a C++ runtime that is too old is called that", "[plugins]") {
  const Error error = plugins::explain_load_failure(
      "/lib/libstdc++.so.6: version `GLIBCXX_3.4.99' not found (required by /p/foo.so)", "/p/foo.so");
  CHECK(error.message ==
        "cannot load: it was built with a newer compiler than this host's C++ runtime (it needs "
        "GLIBCXX_3.4.99)");
  CHECK(error.hint == "rebuild it on this machine");
}

TEST_CASE("another missing version keeps the linker's own words", "[plugins]") {
  const Error error = plugins::explain_load_failure(
      "/lib/libc.so.6: version `GLIBC_2.99' not found (required by /p/foo.so)", "/p/foo.so");
  CHECK(error.message ==
        "cannot load: it needs GLIBC_2.99, which a library here does not have (/lib/libc.so.6: version "
        "`GLIBC_2.99' "
        "not found (required by /p/foo.so))");
}

TEST_CASE("what is not understood is passed on as it is", "[plugins]") {
  CHECK(plugins::explain_load_failure("/p/foo.so: failed to map segment from shared object", "/p/foo.so")
            .message ==
        "cannot load: the dynamic linker refuses it (/p/foo.so: failed to map segment from shared object)");
}
