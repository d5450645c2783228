#include "options.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <curfew/curfew.h>
#include <curfew/reply.h>

#include "fetching.h"
#include "operation.h"
#include "session.h"

namespace curfew::node {

namespace {

// Numbers of JavaScript, in milliseconds.
std::chrono::nanoseconds duration_of(double milliseconds) {
    constexpr double kLongest = 1e15;
    return std::chrono::nanoseconds(static_cast<std::int64_t>(std::min(milliseconds * 1e6, kLongest * 1e3)));
}

template <typename Set>
void with_number(napi_env env, napi_value options, const char* name, Set set) {
    napi_value value = property(env, options, name);
    if (is_nothing(env, value)) return;
    const double number = number_of(env, value);
    if (!(number >= 0 && number <= 9007199254740991)) {
        throw WrongType(std::string(name) + " should be a number of zero or more");
    }
    set(number);
}

Result<HostValue> without_operation() { return std::unexpected(wrong_state("tool")); }

// Functions that hold nothing of JavaScript's: the operation that calls one knows whom to ask.
void add_tool(HostModule& in, const Tool& tool) {
    switch (tool.kind) {
        case Tool::Kind::json:
            in.add_dynamic(tool.name, [tool](const CallContext& context, std::span<const HostArgument> arguments) {
                Operation* const operation = Operation::current();
                return operation ? operation->call_tool(context, tool.module, tool.name, arguments)
                                 : without_operation();
            });
            return;
        case Tool::Kind::blocking:
            in.add_cbor(tool.name, [tool](const CallContext& context, std::string_view cbor) {
                Operation* const operation = Operation::current();
                const HostArgument arguments{.data = cbor, .is_bytes = true};
                return operation ? operation->call_tool(context, tool.module, tool.name, {&arguments, 1})
                                 : without_operation();
            });
            return;
        case Tool::Kind::asynchronous:
            in.add_cbor_async(tool.name, [tool](const CallContext&, std::string_view cbor, Reply<HostValue> reply) {
                const HostArgument arguments{.data = cbor, .is_bytes = true};
                if (Operation* const operation = Operation::current()) {
                    operation->start_tool(tool.module, tool.name, {&arguments, 1}, std::move(reply));
                }
            });
            return;
        case Tool::Kind::deferred:
            in.add_cbor_async(tool.name, [](const CallContext&, std::string_view, Reply<HostValue> reply) {
                Operation* const operation = Operation::current();
                if (operation == nullptr || !operation->control().may_wait) {
                    reply.fail("nobody is there to answer this call: it needs begin()");
                } else {
                    operation->control().kept.push_back(std::move(reply));
                }
            });
            return;
    }
}

Tool::Kind kind_of(const std::string& name) {
    if (name == "json") return Tool::Kind::json;
    if (name == "blocking") return Tool::Kind::blocking;
    if (name == "async") return Tool::Kind::asynchronous;
    if (name == "deferred") return Tool::Kind::deferred;
    throw WrongType("a tool is of the kind json, blocking, async or deferred");
}

// That of a name, if one is given.
template <typename T, std::size_t kCount>
std::optional<T> one_of(napi_env env, napi_value object, const char* what,
                        const std::array<std::pair<std::string_view, T>, kCount>& all) {
    napi_value value = property(env, object, what);
    if (is_nothing(env, value)) return std::nullopt;
    const std::string given = text_of(env, value);
    std::string known;
    for (const auto& [name, meaning] : all) {
        if (name == given) return meaning;
        known += std::string(known.empty() ? "" : ", ") + std::string(name);
    }
    throw WrongType(std::string(what) + " should be one of " + known);
}

bool is_set(napi_env env, napi_value object, const char* name) {
    napi_value value = property(env, object, name);
    return !is_nothing(env, value) && bool_of(env, value);
}

void isolate(napi_env env, napi_value options, SandboxBuilder& builder) {
    if (is_set(env, options, "strict")) builder.with_strict_isolation();
    if (napi_value value = property(env, options, "jitless"); !is_nothing(env, value)) {
        builder.with_jitless(bool_of(env, value));
    }
    if (is_set(env, options, "spinning")) builder.with_wait_mode(WaitMode::spin);
    napi_value parts = property(env, options, "isolation");
    if (is_nothing(env, parts)) return;
    using Channels = std::pair<std::string_view, SideChannels>;
    using Mode = std::pair<std::string_view, RestoreMode>;
    using Barrier = std::pair<std::string_view, BranchBarrier>;
    if (const auto channels =
            one_of(env, parts, "sideChannels",
                   std::array{Channels{"basic", SideChannels::basic}, Channels{"strict", SideChannels::strict}})) {
        builder.with_side_channels(*channels);
    }
    if (const auto mode = one_of(env, parts, "restoreMode",
                                 std::array{Mode{"fast", RestoreMode::fast}, Mode{"strict", RestoreMode::strict}})) {
        builder.with_restore_mode(*mode);
    }
    if (const auto barrier = one_of(
            env, parts, "branchBarrier",
            std::array{Barrier{"none", BranchBarrier::none}, Barrier{"where_possible", BranchBarrier::where_possible},
                       Barrier{"required", BranchBarrier::required}})) {
        builder.with_branch_barrier(*barrier);
    }
}

std::optional<CgroupLimits> cgroup_of(napi_env env, napi_value options) {
    napi_value given = property(env, options, "cgroup");
    if (is_nothing(env, given)) return std::nullopt;
    CgroupLimits limits;
    if (napi_value parent = property(env, given, "parent"); !is_nothing(env, parent)) {
        limits.parent = text_of(env, parent);
    }
    with_number(env, given, "memory", [&](double bytes) { limits.memory_max = static_cast<std::uint64_t>(bytes); });
    with_number(env, given, "processes", [&](double count) { limits.pids_max = static_cast<std::uint64_t>(count); });
    with_number(env, given, "cpus", [&](double cpus) {
        limits.cpu_max.emplace(CgroupLimits::CpuShare{
            .quota = std::chrono::microseconds(static_cast<std::int64_t>(std::min(cpus, 1e6) * 1e5))});
    });
    return limits;
}

// limits(): every limit there is.
napi_value limit_table(const Call& call) {
    napi_env env = call.env();
    const auto text_of_form = [](LimitForm form) -> std::string_view {
        switch (form) {
            case LimitForm::duration: return "duration";
            case LimitForm::size: return "size";
            case LimitForm::count: return "count";
            case LimitForm::point_in_time: return "point_in_time";
            case LimitForm::none: break;
        }
        return "none";
    };
    std::vector<napi_value> limits;
    for (const LimitKind& kind : limit_kinds()) {
        napi_value limit = object(env);
        set(env, limit, "name", to_js(env, kind.name));
        set(env, limit, "option", to_js(env, kind.option));
        set(env, limit, "form", to_js(env, text_of_form(kind.form)));
        set(env, limit, "example", to_js(env, kind.example));
        set(env, limit, "help", to_js(env, kind.help));
        limits.push_back(limit);
    }
    return array(env, limits);
}

}  // namespace

Error wrong_state(const char* wanted) {
    return {.code = ErrorCode::consumed, .message = std::string("there is no ") + wanted + " here any more"};
}

SandboxBuilder builder_of(napi_env env, napi_value options, PrintsWanted prints) {
    SandboxBuilder builder;
    builder.with_host_thread(HostThread::callers);  // a thread of this package's, which knows its operation
    const auto size = [](double number) { return static_cast<std::uint64_t>(number); };
    with_number(env, options, "heap", [&](double bytes) { builder.with_heap_size(size(bytes)); });
    with_number(env, options, "stack", [&](double bytes) { builder.with_stack_size(size(bytes)); });
    with_number(env, options, "outputLimit", [&](double bytes) { builder.with_output_limit(size(bytes)); });
    with_number(env, options, "argumentLimit", [&](double bytes) { builder.with_host_argument_limit(size(bytes)); });
    with_number(env, options, "openCalls",
                [&](double count) { builder.with_open_host_calls(static_cast<std::size_t>(count)); });
    if (napi_value folder = property(env, options, "folder"); !is_nothing(env, folder)) {
        auto files = DirectoryFileSystem::open(text_of(env, folder), {.mount_point = "/"});
        if (!files) throw WrongType(files.error().message);
        builder.with_modules(std::move(*files));
    }
    isolate(env, options, builder);
    allow_fetch(env, property(env, options, "fetch"), builder);
    if (auto cgroup = cgroup_of(env, options)) builder.with_cgroup(std::move(*cgroup));
    builder.without_default_wall_limit();
    with_number(env, options, "wallLimit",
                [&](double milliseconds) { builder.with_default_wall_limit(duration_of(milliseconds)); });
    if (napi_value engine = property(env, options, "engine"); !is_nothing(env, engine)) {
        const std::string name = text_of(env, engine);
        const auto found = find_engine(name);
        if (!found) throw WrongType("there is no engine \"" + name + "\"");
        builder.with_engine(*found);
    }
    builder.with_print([prints = std::move(prints)](PrintLevel level, std::string_view text) {
        if (!*prints) return;
        if (Operation* operation = Operation::current()) operation->print(level, text);
    });
    return builder;
}

std::vector<Tool> tools_of(napi_env env, napi_value options) {
    std::vector<Tool> tools;
    for (napi_value each : items_of(env, property(env, options, "tools"))) {
        const std::vector<napi_value> parts = items_of(env, each);
        if (parts.size() != 3) throw WrongType("a tool has a module, a name and a kind");
        Tool tool{.module = text_of(env, parts[0])};
        if (is_nothing(env, parts[1])) {
            tool.front = text_of(env, parts[2]);
        } else {
            tool.name = text_of(env, parts[1]);
            tool.kind = kind_of(text_of(env, parts[2]));
        }
        tools.push_back(std::move(tool));
    }
    return tools;
}

Result<ProtoSandbox> host_of(const SandboxBuilder& builder, const std::vector<Tool>& tools) {
    auto proto = builder.build();
    if (!proto) return proto;
    try {
        for (const Tool& tool : tools) {
            HostModule& in = proto->host_module(tool.module);
            if (tool.name.empty()) {
                in.set_front(tool.front);
            } else {
                add_tool(in, tool);
            }
        }
    } catch (const std::invalid_argument& wrong) {
        return std::unexpected(Error{.code = ErrorCode::invalid_argument, .message = wrong.what()});
    }
    return proto;
}

std::vector<AnyMonitor> limits_of(napi_env env, napi_value value) {
    std::vector<AnyMonitor> limits;
    if (is_nothing(env, value)) return limits;
    for (napi_value each : items_of(env, value)) {
        const std::vector<napi_value> pair = items_of(env, each);
        if (pair.size() != 2) throw WrongType("a limit is a name and a value");
        const std::string name = text_of(env, pair[0]);
        Result<AnyMonitor> limit = [&]() -> Result<AnyMonitor> {
            if (type_of(env, pair[1]) == napi_string) return make_limit(name, text_of(env, pair[1]));
            const double number = number_of(env, pair[1]);
            const LimitKind* kind = find_limit_kind(name);
            if (kind != nullptr && kind->form == LimitForm::duration) {
                return make_limit(LimitSetting{kind->name, duration_of(number)});
            }
            return make_limit(
                LimitSetting{kind ? kind->name : std::string_view(name), static_cast<std::uint64_t>(number)});
        }();
        if (!limit) throw WrongType(limit.error().message);
        limits.push_back(std::move(*limit));
    }
    return limits;
}

void export_options(napi_env env, napi_value exports) { export_function(env, exports, "limits", entry<limit_table>); }

}  // namespace curfew::node
