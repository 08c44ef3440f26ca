// SPDX-License-Identifier: MIT
#include "plugins/common/chat/call_form_writers.hpp"

#include "base/json.hpp"

namespace tachikoma::testing {
namespace {

std::string joined(const Calls& calls, const std::string& between,
                   const std::function<std::string(const Call&)>& one) {
  std::string out;
  for (const Call& call : calls) {
    if (!out.empty()) out += between;
    out += one(call);
  }
  return out;
}

std::string json(const Call& call, const char* key = "arguments") {
  return R"({"name": ")" + call.name + R"(", ")" + key + "\": " + base::to_json(call.arguments) + "}";
}
std::string parameters(const Call& call) { return json(call, "parameters"); }
std::string list(const Calls& calls, const char* key = "arguments") {
  return "[" + joined(calls, ", ", [&](const Call& call) { return json(call, key); }) + "]";
}

// Values as markup has them: text as it is, the rest as JSON.
std::string plain(const Value& value) {
  return value.is_string() ? std::string(value.as_string()) : base::to_json(value);
}

std::string members(const Call& call, const std::function<std::string(const Member&)>& one) {
  std::string out;
  for (const Member& member : call.arguments.members()) out += one(member);
  return out;
}
std::string qwen_coder(const Call& call) {
  return "<function=" + call.name + ">\n" +
         members(call,
                 [](const Member& member) {
                   return "<parameter=" + member.key + ">\n" + plain(member.value) + "\n</parameter>\n";
                 }) +
         "</function>";
}
std::string invoke(const Call& call) {
  return "<invoke name=\"" + call.name + "\">\n" +
         members(call,
                 [](const Member& member) {
                   return "<parameter name=\"" + member.key + "\">" + plain(member.value) + "</parameter>\n";
                 }) +
         "</invoke>";
}
std::string dsml(const Call& call) {
  return "<｜DSML｜invoke name=\"" + call.name + "\">\n" +
         members(call,
                 [](const Member& member) {
                   return "<｜DSML｜parameter name=\"" + member.key + "\" string=\"" +
                          (member.value.is_string() ? "true" : "false") + "\">" + plain(member.value) +
                          "</｜DSML｜parameter>\n";
                 }) +
         "</｜DSML｜invoke>";
}
std::string glm(const Call& call) {
  return "<tool_call>" + call.name + "\n" +
         members(call,
                 [](const Member& member) {
                   return "<arg_key>" + member.key + "</arg_key>\n<arg_value>" + plain(member.value) +
                          "</arg_value>\n";
                 }) +
         "</tool_call>";
}

std::string literal(const Value& value, const std::string& quote, bool python) {
  if (value.is_string()) {
    std::string text;
    for (char c : value.as_string()) {
      if (python && (c == '\\' || c == quote[0])) text += '\\';
      text += python && c == '\n' ? "\\n" : std::string(1, c);
    }
    return quote + text + quote;
  }
  if (value.is_array()) {
    std::string out;
    for (const Value& each : value.elements())
      out += (out.empty() ? "" : ", ") + literal(each, quote, python);
    return "[" + out + "]";
  }
  if (value.is_object()) {
    std::string out;
    for (const Member& member : value.members())
      out += (out.empty() ? "" : ", ") + (python ? quote + member.key + quote : member.key) + ":" +
             literal(member.value, quote, python);
    return "{" + out + "}";
  }
  if (python && value.is_bool()) return value.as_bool() ? "True" : "False";
  if (python && value.is_null()) return "None";
  return base::to_json(value);
}
std::string python(const Call& call, const std::string& quote = "\"") {
  std::string out;
  for (const Member& member : call.arguments.members())
    out += (out.empty() ? "" : ", ") + member.key + "=" + literal(member.value, quote, true);
  return call.name + "(" + out + ")";
}
std::string gemma(const Call& call, const std::string& quote) {
  const std::string object = literal(call.arguments, quote, false);
  return "call:" + call.name + object;
}

const std::vector<Form> kForms{
    {"LM Studio",
     [](const Calls& calls) {
       return joined(calls, "\n",
                     [](const Call& call) { return "[TOOL_REQUEST]" + json(call) + "[END_TOOL_REQUEST]"; });
     }},
    {"Hermes, Qwen",
     [](const Calls& calls) {
       return joined(calls, "\n",
                     [](const Call& call) { return "<tool_call>\n" + json(call) + "\n</tool_call>"; });
     }},
    {"Hermes in a block of code",
     [](const Calls& calls) {
       return "```json\n" +
              joined(calls, "\n",
                     [](const Call& call) { return "<tool_call>\n" + json(call) + "\n</tool_call>"; }) +
              "\n```";
     }},
    {"a block of code named tool_call",
     [](const Calls& calls) {
       return joined(calls, "\n", [](const Call& call) { return "```tool_call\n" + json(call) + "\n```"; });
     }},
    {"a block of JSON", [](const Calls& calls) { return "```json\n" + list(calls) + "\n```"; }},
    {"Qwen3-Coder",
     [](const Calls& calls) {
       return joined(calls, "\n",
                     [](const Call& call) { return "<tool_call>\n" + qwen_coder(call) + "\n</tool_call>"; });
     }},
    {"Qwen3-Coder, outer mark stripped", [](const Calls& calls) { return joined(calls, "\n", qwen_coder); }},
    {"Seed-OSS",
     [](const Calls& calls) {
       return joined(calls, "\n", [](const Call& call) {
         return "<seed:tool_call>\n" + qwen_coder(call) + "\n</seed:tool_call>";
       });
     }},
    {"MiniMax",
     [](const Calls& calls) {
       return "<minimax:tool_call>\n" + joined(calls, "\n", invoke) + "\n</minimax:tool_call>";
     }},
    {"function_calls",
     [](const Calls& calls) {
       return "<function_calls>\n" + joined(calls, "\n", invoke) + "\n</function_calls>";
     }},
    {"DeepSeek V3.2",
     [](const Calls& calls) {
       return "<｜DSML｜function_calls>\n" + joined(calls, "\n", dsml) + "\n</｜DSML｜function_calls>";
     }},
    {"GLM", [](const Calls& calls) { return joined(calls, "\n", glm); }},
    {"Mistral, a list", [](const Calls& calls) { return "[TOOL_CALLS]" + list(calls); }},
    {"Mistral, names",
     [](const Calls& calls) {
       return joined(calls, "", [](const Call& call) {
         return "[TOOL_CALLS]" + call.name + "[ARGS]" + base::to_json(call.arguments);
       });
     }},
    {"Mistral, ids stripped of their mark",
     [](const Calls& calls) {
       return joined(calls, "", [](const Call& call) {
         return "[TOOL_CALLS]" + call.name + base::to_json(call.arguments);
       });
     }},
    {"Llama 3", [](const Calls& calls) { return "<|python_tag|>" + joined(calls, "\n", parameters); }},
    {"Llama 3, built-in",
     [](const Calls& calls) {
       return "<|python_tag|>" +
              joined(calls, "\n",
                     [](const Call& call) {
                       Call method = call;
                       method.name += ".call";
                       return python(method);
                     }) +
              "<|eom_id|>";
     }},
    {"Llama 3, nothing but JSON", [](const Calls& calls) { return joined(calls, "\n", parameters); }, 1},
    {"Llama 4",
     [](const Calls& calls) {
       return "<|python_start|>[" + joined(calls, ", ", [](const Call& call) { return python(call, "'"); }) +
              "]<|python_end|>";
     }},
    {"Llama 4, marks stripped",
     [](const Calls& calls) {
       return "[" + joined(calls, ", ", [](const Call& call) { return python(call); }) + "]";
     }},
    {"Functionary",
     [](const Calls& calls) {
       return joined(calls, "", [](const Call& call) {
         return "<function=" + call.name + ">" + base::to_json(call.arguments) + "</function>";
       });
     }},
    {"Gemma 3",
     [](const Calls& calls) {
       return "```tool_code\n" +
              joined(calls, "\n", [](const Call& call) { return "print(" + python(call) + ")"; }) + "\n```";
     }},
    {"FunctionGemma",
     [](const Calls& calls) {
       return joined(calls, "", [](const Call& call) {
         return "<start_function_call>" + gemma(call, "<escape>") + "<end_function_call>";
       });
     }},
    {"Gemma 4",
     [](const Calls& calls) {
       return joined(calls, "", [](const Call& call) {
         return "<|tool_call>" + gemma(call, "<|\"|>") + "<tool_call|>";
       });
     }},
    {"Kimi K2",
     [](const Calls& calls) {
       int number = 0;
       return "<|tool_calls_section_begin|>" +
              joined(calls, "",
                     [&](const Call& call) {
                       return "<|tool_call_begin|>functions." + call.name + ":" + std::to_string(number++) +
                              "<|tool_call_argument_begin|>" + base::to_json(call.arguments) +
                              "<|tool_call_end|>";
                     }) +
              "<|tool_calls_section_end|>";
     }},
    {"DeepSeek V3",
     [](const Calls& calls) {
       return "<｜tool▁calls▁begin｜>" +
              joined(calls, "\n",
                     [](const Call& call) {
                       return "<｜tool▁call▁begin｜>function<｜tool▁sep｜>" + call.name + "\n```json\n" +
                              base::to_json(call.arguments) + "\n```<｜tool▁call▁end｜>";
                     }) +
              "<｜tool▁calls▁end｜><｜end▁of▁sentence｜>";
     }},
    {"DeepSeek V3.1",
     [](const Calls& calls) {
       return "<｜tool▁calls▁begin｜>" +
              joined(calls, "",
                     [](const Call& call) {
                       return "<｜tool▁call▁begin｜>" + call.name + "<｜tool▁sep｜>" +
                              base::to_json(call.arguments) + "<｜tool▁call▁end｜>";
                     }) +
              "<｜tool▁calls▁end｜>";
     }},
    {"LFM2",
     [](const Calls& calls) {
       return "<|tool_call_start|>[" + joined(calls, ", ", [](const Call& call) { return python(call); }) +
              "]<|tool_call_end|>";
     }},
    {"Granite, Phi-4", [](const Calls& calls) { return "<|tool_call|>" + list(calls) + "<|/tool_call|>"; }},
    {"Nemotron", [](const Calls& calls) { return "<TOOLCALL>" + list(calls) + "</TOOLCALL>"; }},
    {"Jamba", [](const Calls& calls) { return "<tool_calls>" + list(calls) + "</tool_calls>"; }},
    {"Hunyuan",
     [](const Calls& calls) {
       return "<tool_calls>\n" +
              joined(calls, "\n",
                     [](const Call& call) {
                       return "<tool_call>" + call.name + "\n```json\n" + base::to_json(call.arguments) +
                              "\n```\n</tool_call>";
                     }) +
              "\n</tool_calls>";
     }},
    {"Command R7B",
     [](const Calls& calls) {
       return "<|START_ACTION|>[" +
              joined(calls, ",",
                     [](const Call& call) {
                       return R"({"tool_call_id": "0", "tool_name": ")" + call.name + R"(", "parameters": )" +
                              base::to_json(call.arguments) + "}";
                     }) +
              "]<|END_ACTION|>";
     }},
    {"InternLM",
     [](const Calls& calls) {
       return "<|action_start|><|plugin|>" + joined(calls, "", parameters) + "<|action_end|>";
     },
     1},
    {"Apertus",
     [](const Calls& calls) {
       return "<|tools_prefix|>[" +
              joined(calls, ",",
                     [](const Call& call) {
                       return "{\"" + call.name + "\": " + base::to_json(call.arguments) + "}";
                     }) +
              "]<|tools_suffix|>";
     }},
};

}  // namespace

const std::vector<Form>& call_form_writers() { return kForms; }

}  // namespace tachikoma::testing
