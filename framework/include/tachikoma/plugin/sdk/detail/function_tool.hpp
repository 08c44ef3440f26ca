// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tachikoma/plugin/sdk/detail/json_type.hpp"
#include "tachikoma/plugin/sdk/detail/signature.hpp"
#include "tachikoma/plugin/sdk/fields.hpp"
#include "tachikoma/plugin/sdk/param.hpp"
#include "tachikoma/plugin/tool.hpp"

namespace tachikoma::detail {

/// Checks `params` against the number of parameters that the function takes.
inline Status check_params(const std::vector<Param>& params, std::size_t taken) {
  const auto count = [](std::size_t n) {
    return std::to_string(n) + (n == 1 ? " parameter" : " parameters");
  };
  if (params.size() != taken)
    return Error(ErrorCode::invalid_argument,
                 "the function takes " + count(taken) + ", but " + std::to_string(params.size()) +
                     (params.size() == 1 ? " is" : " are") + " described",
                 "give one param(\"name\", \"description\") for each, in the function's order");
  for (const Param& param : params) {
    if (param.name.empty()) return Error(ErrorCode::invalid_argument, "a parameter has no name");
    for (const Param* other = params.data(); other != &param; ++other)
      if (other->name == param.name)
        return Error(ErrorCode::invalid_argument, "two parameters are named '" + param.name + "'");
  }
  return Done{};
}

template <class T>
inline constexpr bool kIsResult = false;
template <class T>
inline constexpr bool kIsResult<Result<T>> = true;

/// A function's return value, as the result of a tool.
template <class R>
Result<Value> as_result(R returned) {
  if constexpr (kIsResult<R>) {
    if (!returned) return std::move(returned).error();
    return as_result(*std::move(returned));
  } else if constexpr (std::is_same_v<R, Done>) {
    return Value("done");
  } else if constexpr (std::is_same_v<R, Value> || std::is_same_v<R, std::string>) {
    return Value(std::move(returned));
  } else if constexpr (std::is_convertible_v<R, std::string_view>) {
    return Value(std::string_view(returned));
  } else {
    static_assert(HasJsonType<R>,
                  "a tool's function returns nothing, a type that json_schema knows, or a Result of either");
    return to_value(returned);
  }
}

/// A function as a tool; `A` are its parameters.
template <class F, class... A>
class FunctionTool final : public Tool {
 public:
  FunctionTool(std::string name, std::string description, std::vector<Param> params, F function)
      : params_(std::move(params)), function_(std::move(function)) {
    spec_ = {std::move(name), std::move(description), {}};
    check(check_params(params_, kGivenByModel<A...>));
    check_fallbacks(kPositions);
    spec_.parameters = schema(kPositions);
  }

  ToolSpec spec() override { return spec_; }

  Result<Value> call(const Value& arguments, const CallContext& context) override {
    std::tuple<Stored<A>...> stored;
    if (Status status = read(arguments, stored, kPositions); !status) return std::move(status).error();
    try {
      return run(stored, context, kPositions);
    } catch (const std::exception& exception) {
      return failed(exception.what());
    } catch (...) {
      return failed("it threw an exception of an unknown type");
    }
  }

 private:
  static constexpr std::index_sequence_for<A...> kPositions = {};

  void check(const Status& status) const {
    if (status) return;
    Error error = status.error();
    error.message = "tool '" + spec_.name + "': " + error.message;
    throw InvalidArgument(std::move(error));
  }

  template <std::size_t... I>
  void check_fallbacks(std::index_sequence<I...>) const {
    (check_fallback<A>(I), ...);
  }

  template <class P>
  void check_fallback(std::size_t position) const {
    if constexpr (!kIsContext<P>) {
      const Param& param = params_[position];
      Stored<P> read{};
      if (param.fallback.is_null()) return;
      if (const Status fits = JsonType<Stored<P>>::read(param.fallback, read, {}); !fits)
        check(Error(ErrorCode::invalid_argument,
                    "the fallback of '" + param.name + "' does not fit: " + fits.error().message));
    }
  }

  template <std::size_t... I>
  Value schema(std::index_sequence<I...>) const {
    ObjectSchema object;
    Definitions definitions;
    (add_to<A>(object, definitions, I), ...);
    Value schema = std::move(object).finish();
    std::move(definitions).add_to(schema);
    return schema;
  }

  template <class P>
  void add_to(ObjectSchema& object, Definitions& definitions, std::size_t position) const {
    if constexpr (!kIsContext<P>) {
      const Param& param = params_[position];
      using Plain = typename WithoutOptional<Stored<P>>::Type;
      Value schema = JsonType<Plain>::schema(definitions);
      if (!param.fallback.is_null()) schema.set("default", param.fallback);
      object.add(param.name, param.description, std::move(schema),
                 !kIsOptional<Stored<P>> && param.fallback.is_null());
    }
  }

  template <std::size_t... I>
  Status read(const Value& arguments, std::tuple<Stored<A>...>& stored, std::index_sequence<I...>) const {
    std::vector<std::string_view> names;
    for (const Param& param : params_) names.push_back(param.name);
    Status status = check_members(arguments, names, {});
    (void)((status && (status = read_one<A>(arguments, std::get<I>(stored), I))) && ...);
    return status;
  }

  template <class P>
  Status read_one(const Value& arguments, Stored<P>& out, std::size_t position) const {
    if constexpr (!kIsContext<P>) {
      const Param& param = params_[position];
      const Place whole, place(whole, param.name);
      const Value* given = arguments.find(param.name);
      if (!given && !param.fallback.is_null()) given = &param.fallback;
      if (given) return JsonType<Stored<P>>::read(*given, out, place);
      if (kIsOptional<Stored<P>>) return Done{};
      return missing(place);
    }
    return Done{};
  }

  template <std::size_t... I>
  Result<Value> run(std::tuple<Stored<A>...>& stored, const CallContext& context,
                    std::index_sequence<I...>) const {
    using R = std::invoke_result_t<const F&, A...>;
    if constexpr (std::is_void_v<R>) {
      function_(pass<A>(std::get<I>(stored), context)...);
      return as_result(Done{});
    } else {
      return as_result<std::decay_t<R>>(function_(pass<A>(std::get<I>(stored), context)...));
    }
  }

  template <class P>
  static decltype(auto) pass(Stored<P>& stored, const CallContext& context) {
    if constexpr (kIsContext<P>)
      return (context);
    else if constexpr (std::is_same_v<std::remove_cvref_t<P>, std::string_view>)
      return std::string_view(stored);
    else
      return static_cast<P&&>(stored);
  }

  Error failed(std::string_view why) const {
    return Error(ErrorCode::tool_failed, "tool '" + spec_.name + "' failed: " + excerpt(why, 1000));
  }

  const std::vector<Param> params_;
  const F function_;
  ToolSpec spec_;
};

}  // namespace tachikoma::detail
