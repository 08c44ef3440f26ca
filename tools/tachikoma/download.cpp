// SPDX-License-Identifier: MIT
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/lists.hpp"
#include "base/sourced_json.hpp"
#include "interrupt.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "session.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {
namespace {

struct Target {
  std::string provider;
  std::string name;
};

// The only provider, or the one that the name says: a catalogue can't be searched for what has no list.
Result<Target> target_of(const Runtime& runtime, const std::string& name) {
  const std::vector<std::string> ids = runtime.provider_ids();
  for (const std::string& id : ids)
    if (name.starts_with(id + "::")) return Target{id, name.substr(id.size() + 2)};
  if (ids.size() == 1) return Target{ids.front(), name};
  Value candidates = base::array_of(ids, [&](const std::string& id) { return address(id, name); });
  return Error(ErrorCode::invalid_argument, "'" + name + "' does not say where to download it to",
               ids.empty() ? "" : "name the provider, as in " + address(ids.front(), name),
               Value::object({{"name", name}, {"candidates", std::move(candidates)}}));
}

void show(Progress& progress, const DownloadProgress& at) {
  std::string more = format_bytes(at.done_bytes);
  if (at.total_bytes) more += " of " + format_bytes(at.total_bytes.value);
  if (at.bytes_per_second) more += " · " + format_bytes(at.bytes_per_second.value) + "/s";
  if (!at.total_bytes || at.total_bytes.value <= 0) return progress.at_unknown(more);
  if (at.bytes_per_second && at.bytes_per_second.value > 0) {
    const std::int64_t left = (at.total_bytes.value - at.done_bytes) / at.bytes_per_second.value;
    more += " · about " + format_duration(std::chrono::seconds(left)) + " left";
  }
  progress.at(static_cast<double>(at.done_bytes) / static_cast<double>(at.total_bytes.value), more);
}

Value data_of(const std::string& provider, const Downloaded& downloaded) {
  return Value::object({{"provider", provider},
                        {"name", downloaded.name},
                        {"was_there", downloaded.was_there},
                        {"size_bytes", sourced_value(downloaded.size_bytes, "bytes")},
                        {"extra", downloaded.extra}});
}

void print(const std::string& provider, const Downloaded& downloaded, const Options& options,
           Output& output) {
  if (options.json) return output.print_json("downloaded", data_of(provider, downloaded));
  std::string said = downloaded.was_there ? "it was there already" : "downloaded";
  if (downloaded.size_bytes) said += ", " + format_bytes(downloaded.size_bytes.value);
  output.say("tachikoma: " + said);
  output.print_foreign(address(provider, downloaded.name) + "\n");
}

Result<Downloaded> download(const ProviderHandle& provider, const std::string& name, const Options& options,
                            std::stop_token stop, Output& output) {
  Progress progress(output, "downloading " + name, options.json);
  const auto on_progress = [&](const DownloadProgress& at) {
    show(progress, at);
    return Flow::proceed;
  };
  return provider.download_model({.name = name, .quantization = options.quantization}, on_progress,
                                 std::move(stop));
}

int run_download(const Options& options, Output& output) {
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  const Result<Target> target = target_of(*runtime, options.subject);
  if (!target) return output.fail(target.error());
  const Result<ProviderHandle> provider = runtime->provider(target->provider);
  if (!provider) return output.fail(provider.error());
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  const Result<Downloaded> downloaded = download(*provider, target->name, options, stop.token(), output);
  if (!downloaded) return fail(downloaded.error(), stop, options, output);
  print(target->provider, *downloaded, options, output);
  return output.finish(0);
}

void add_download_options(OptionSet& set, Options& options) {
  set.text("--quantization", options.quantization, "Q", "The variant; by default the server chooses");
}

}  // namespace

const Verb kDownload{
    .name = "download",
    .brief = "Downloads a model to a server",
    .usage = "[OPTIONS] MODEL",
    .summary =
        "Downloads a model to a server, and waits until it is there. MODEL is a name in the server's\n"
        "catalogue, or a URL that it accepts; with several servers, use provider::MODEL.",
    .example = R"(  tachikoma download ibm/granite-4-micro
)",
    .add_options = add_download_options,
    .words = Words::subject,
    .subject = "the model to download",
    .run = run_download};

}  // namespace tachikoma::cli
