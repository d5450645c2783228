// What the tests of waiting invocations share.
#ifndef CURFEW_SANDBOX_PENDING_TEST_SUPPORT_H
#define CURFEW_SANDBOX_PENDING_TEST_SUPPORT_H

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include <curfew/host_module.h>
#include <curfew/monitor.h>
#include <curfew/pending_invocation.h>
#include <curfew/reply.h>
#include <curfew/sandbox.h>

namespace curfew::sandbox::testing {

using namespace std::chrono_literals;

// A host whose module "tools" has functions that the embedder answers.
inline ProtoSandbox make_host(const SandboxBuilder& builder = SandboxBuilder()) {
    auto proto = builder.build();
    EXPECT_TRUE(proto) << proto.error().message;
    proto->host_module("tools").add_deferred<bool(std::string)>("approve").add_deferred<int(int, int)>("add");
    return std::move(*proto);
}

inline LoadedSandbox load_with(ProtoSandbox host, const std::string& source) {
    auto sandbox = std::move(host).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(source, "test.js")));
    auto loaded = std::move(*sandbox).load();
    EXPECT_TRUE(loaded) << loaded.error().message << "\n" << loaded.error().stack;
    return std::move(*loaded);
}

inline LoadedSandbox load(const std::string& body) {
    return load_with(make_host(), "import * as tools from 'tools';\n" + body);
}

template <typename Monitors = std::tuple<>>
PendingInvocation begin(LoadedSandbox& sandbox, std::string_view event = "null", const Monitors& monitors = {}) {
    auto begun = sandbox.begin_event("main", event, monitors);
    EXPECT_TRUE(begun) << begun.error().message;
    return std::move(*begun);
}

// The result, or what went wrong.
inline std::string outcome(const Result<EventResult>& result) {
    return result ? result->result : std::string(to_string(result.error().code)) + ": " + result.error().message;
}

constexpr const char* kDeletes = R"(
    const log = [];
    let calls = 0;
    export async function handler(event) {
        calls++;
        for (const name of event) {
            const local = { name, at: log.length };
            if (await tools.approve(local.name)) log.push(local.at + ':' + local.name);
        }
        return { log, calls };
    })";

}  // namespace curfew::sandbox::testing

#endif
