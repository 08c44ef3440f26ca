// SPDX-License-Identifier: MIT
#include <memory>
#include <string>

#include "common/provider/openai_provider.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/process.hpp"
#include "support/recording_sink.hpp"
#include "support/temp_dir.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

bool has_openssl() { return run({.argv = {"sh", "-c", "command -v openssl"}}).exit_code == 0; }

// `openssl s_server -HTTP` sends the file that a GET names, over TLS, as it is.
class TlsServer {
 public:
  TlsServer() : port_(refused_port()) {
    const std::string make =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem "
        "-days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null && "
        "mkdir v1 && printf 'HTTP/1.1 200 OK\\r\\nContent-Length: "
        "31\\r\\n\\r\\n{\"data\":[{\"id\":\"m\"}],\"x\":12345}' "
        "> v1/models";
    REQUIRE(run({.argv = {"sh", "-c", make}, .folder = folder_.path()}).exit_code == 0);
    process_ =
        std::make_unique<Process>(Command{.argv = {"openssl", "s_server", "-accept", std::to_string(port_),
                                                   "-cert", "cert.pem", "-key", "key.pem", "-HTTP"},
                                          .folder = folder_.path()});
    while (process_->read_line() != "ACCEPT") continue;
  }

  Result<std::vector<ModelInfo>> list(const std::string& host, Value tls) const {
    TestHost log;
    const Value settings = Value::object(
        {{"base_url", "https://" + host + ":" + std::to_string(port_)}, {"tls", std::move(tls)}});
    const auto provider = kit::make_server_provider<kit::OpenAiCompatibleProvider>(settings, log).value();
    TestCancellation cancellation;
    const CallContext context{cancellation, "1"};
    return static_cast<ModelCatalog*>(provider->capability(ModelCatalog::kId))->list_models(context);
  }
  std::string ca_file() const { return folder_.path() / "cert.pem"; }

 private:
  TempDir folder_;
  std::uint16_t port_;
  std::unique_ptr<Process> process_;
};

}  // namespace

TEST_CASE("https trusts the certificates that it is told to, for their hosts alone", "[driver][tls]") {
  if (!has_openssl()) {
    WARN("SKIPPED: no openssl program here");
    return;
  }
  const TlsServer server;
  const Value trusting = Value::object({{"ca_file", server.ca_file()}});

  const auto by_name = server.list("localhost", trusting);
  if (!by_name) FAIL(describe(by_name.error()));
  CHECK(by_name->at(0).key == "m");
  CHECK(server.list("127.0.0.1", trusting));

  const auto unknown = server.list("localhost", Value::object());
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == ErrorCode::unreachable);
  CHECK_FALSE(unknown.error().retryable);
  CHECK_THAT(unknown.error().message, ContainsSubstring("ertificate"));

  const auto other_host = server.list("127.0.0.2", trusting);
  REQUIRE_FALSE(other_host);
  CHECK_THAT(other_host.error().message, ContainsSubstring("ertificate"));

  CHECK(server.list("127.0.0.2", Value::object({{"verify", false}})));
}

TEST_CASE("switching the verification off is said in the log", "[driver][tls]") {
  TestHost host;
  const Value settings =
      Value::object({{"base_url", "https://localhost"}, {"tls", Value::object({{"verify", false}})}});
  CHECK(kit::make_server_provider<kit::OpenAiCompatibleProvider>(settings, host));
  CHECK(host.lines() == "warning: tls.verify is false: the server's certificate is not checked\n");
}
