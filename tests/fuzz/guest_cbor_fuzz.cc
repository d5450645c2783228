// Feeds CBOR that means harm to the decoder of a guest, and looks whether it reads what the host reads. The host checks CBOR before a
// guest gets it; here it does not, so that the guest's own care is tried, too.
//
// guest_cbor_fuzz [SECONDS [SEED]], on the engine of CURFEW_ENGINE; or guest_cbor_fuzz --inputs N, the same each time.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <curfew/curfew.h>
#include <curfew/host/values.h>

#include "value/cbor_reader.h"
#include "value/testing/hostile_cbor.h"

namespace {

// What a host function returns that passes on whatever bytes there are.
struct Unchecked {
    std::string cbor;
};

}  // namespace

namespace curfew::host::detail {

template <>
inline constexpr bool kHoldsValues<Unchecked> = true;
template <>
struct TypeName<Unchecked> {
    static std::string get() { return "unchecked"; }
};
template <>
struct ValueForm<Unchecked> {
    static Outcome outcome(const Unchecked& value) { return {Outcome::Kind::cbor, value.cbor}; }
};

}  // namespace curfew::host::detail

namespace {

using namespace curfew;

constexpr const char* kScript = R"(
    import { next, look } from 'host:fuzz';
    export function handler(count) {
        let read = 0;
        for (let i = 0; i < count; ++i) {
            let value;
            try {
                value = next();
            } catch (thrown) {
                if (!(thrown instanceof Error)) throw 'something else was thrown';
                continue;
            }
            ++read;
            try {
                look(value);
            } catch {}  // nested too deep, or half of a surrogate pair in a regular expression
        }
        return read;
    })";

// What the guest is fed with now, and what of it the host would have let pass.
struct Feed {
    value::testing::HostileCbor inputs;
    std::string input{};
    Result<Value> expected = Value();
    std::uint64_t fed = 0, agreed = 0;
};

// Text of a regular expression or date may say what a guest writes in another way.
bool has_text_of_its_own(const Value& value) {
    if (const auto* const array = value.get_if<Value::Array>()) return std::ranges::any_of(*array, has_text_of_its_own);
    const auto of_member = [](const Value::Member& member) { return has_text_of_its_own(member.second); };
    if (const auto* const object = value.get_if<Value::Object>()) return std::ranges::any_of(*object, of_member);
    if (const auto* const map = value.get_if<Value::Map>()) {
        return map->entries.size() > 1 || std::ranges::any_of(map->entries, [](const auto& entry) {
                   return has_text_of_its_own(entry.first) || has_text_of_its_own(entry.second);
               });
    }
    if (const auto* const set = value.get_if<Value::Set>()) {
        return set->members.size() > 1 || std::ranges::any_of(set->members, has_text_of_its_own);
    }
    return value.kind() == Value::Kind::regexp || value.kind() == Value::Kind::exception ||
           value.kind() == Value::Kind::date || value.kind() == Value::Kind::cycle;
}

void print_input(const std::string& input) {
    std::fputs("input:", stderr);
    for (const char c : input) std::fprintf(stderr, " %02x", static_cast<unsigned char>(c));
    std::fputc('\n', stderr);
}

LoadedSandbox load(Feed& feed) {
    auto proto = SandboxBuilder().without_default_wall_limit().build();
    if (!proto) std::fprintf(stderr, "%s\n", proto.error().message.c_str()), std::exit(1);
    proto->host_module("fuzz")
        .add("next",
             [&feed] {
                 feed.input = feed.inputs.next();
                 feed.expected = Value::from_cbor(feed.input);
                 ++feed.fed;
                 return Unchecked{feed.input};
             })
        .add("look", [&feed](const Value& seen) {
            if (!feed.expected || has_text_of_its_own(*feed.expected)) return;
            if (seen == *feed.expected) {
                ++feed.agreed;
                return;
            }
            std::fprintf(stderr, "the guest reads another value than the host:\n%s\n%s\n",
                         seen.to_shown_json().value_or("?").c_str(),
                         feed.expected->to_shown_json().value_or("?").c_str());
            print_input(feed.input);
            std::abort();
        });
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox) std::fprintf(stderr, "%s\n", sandbox.error().message.c_str()), std::exit(1);
    if (!sandbox->add_handler("fuzz", Script::from_content(kScript)) ||
        !sandbox->add_handler("echo", Script::from_content("export const handler = (event) => event;"))) {
        std::exit(1);
    }
    auto loaded = std::move(*sandbox).load();
    if (!loaded) std::fprintf(stderr, "%s\n", loaded.error().message.c_str()), std::exit(1);
    return std::move(*loaded);
}

}  // namespace

int main(int count, char** arguments) {
    const bool is_test = count > 2 && std::string_view(arguments[1]) == "--inputs";
    const std::uint64_t most = is_test ? std::strtoull(arguments[2], nullptr, 10) : UINT64_MAX;
    const int seconds = is_test ? 0 : count > 1 ? std::atoi(arguments[1]) : 10;
    const unsigned seed = !is_test && count > 2 ? static_cast<unsigned>(std::atoi(arguments[2])) : 1;
    Feed feed{.inputs = value::testing::HostileCbor(seed)};
    LoadedSandbox sandbox = load(feed);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    std::uint64_t calls = 0;
    while (feed.fed < most && (is_test || std::chrono::steady_clock::now() < end)) {
        // As an event, checked by the host.
        const std::string event = feed.inputs.next();
        const bool passes = value::check_cbor(event, 200).has_value();
        const auto as_event = sandbox.handle_event("echo", event, std::tuple<>(), {.format = ValueFormat::cbor});
        const bool is_refused = !as_event && as_event.error().code == ErrorCode::invalid_argument;
        if (!as_event && !is_refused && as_event.error().code != ErrorCode::handler_error) {
            std::fprintf(stderr, "an event: %s\n", as_event.error().message.c_str());
            print_input(event);
            return 1;
        }
        if (!passes && !is_refused) return std::fprintf(stderr, "an event was not refused\n"), print_input(event), 1;
        const auto done = sandbox.handle_event("fuzz", "50");
        if (!done) {
            std::fprintf(stderr, "a call: %s\n", done.error().message.c_str());
            print_input(feed.input);
            return 1;
        }
        ++calls;
    }
    std::printf("%llu inputs in %llu calls, %llu read as the host reads them\n",
                static_cast<unsigned long long>(feed.fed), static_cast<unsigned long long>(calls),
                static_cast<unsigned long long>(feed.agreed));
    return feed.agreed > 0 ? 0 : 1;
}
