// SPDX-License-Identifier: MIT
// The averages of llama.cpp's /metrics were taken for those of all requests. Newer builds start them again
// each time that anybody reads them: they were of what came since, or nothing.
#include "llamacpp/server_status.hpp"
#include "support/catch.hpp"

using namespace tachikoma;

TEST_CASE("the averages of a server's requests are those of all of them", "[llamacpp]") {
  ModelStatus status;
  llamacpp::read_metrics(
      "# TYPE llamacpp:prompt_tokens_total counter\n"
      "llamacpp:prompt_tokens_total 6000\n"
      "llamacpp:prompt_seconds_total 12.5\n"
      "llamacpp:tokens_predicted_total 300\n"
      "llamacpp:tokens_predicted_seconds_total 10\n"
      "llamacpp:prompt_tokens_seconds 0\n"
      "llamacpp:predicted_tokens_seconds 99\n"
      "llamacpp:requests_deferred 2\n",
      status);
  CHECK(status.prompt_tokens_per_second.value == 480);
  CHECK(status.tokens_per_second ==
        Sourced<double>{30, Source::reported, "llama.cpp /metrics: the average of its requests so far"});
  CHECK(status.queued.value == 2);
}

TEST_CASE("before the first request there is no average", "[llamacpp]") {
  ModelStatus status;
  llamacpp::read_metrics("\nllamacpp:tokens_predicted_total 0\nllamacpp:tokens_predicted_seconds_total 0\n",
                         status);
  CHECK(status.tokens_per_second.basis == "no request has been measured yet");
  CHECK(status.prompt_tokens_per_second.basis == "llama.cpp's /metrics do not say it");
}
