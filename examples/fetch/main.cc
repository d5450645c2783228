// A handler that fetches, from a server that is a function of this program: a transport need not be a network.
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include <curfew/curfew.h>
#include <curfew/fetch.h>

using namespace std::chrono_literals;

// What answers. With <curfew/curl_transport.h>, curfew::curl_transport() takes its place.
void serve(curfew::FetchRequest request, curfew::FetchReply reply) {
    for (const curfew::FetchHeader& header : request.headers) {
        if (header.name == "authorization") std::cout << "the server sees " << header.value << '\n';
    }
    reply.respond({.status = 200, .headers = {{"content-type", "application/json"}}});
    reply.finish(R"({"temperature": 21.5})");
}

int main() {
    curfew::FetchPolicy policy;
    policy.origins = {"https://weather.example"};
    policy.methods = {"GET"};
    policy.max_requests = 10;
    policy.headers = {{"https://weather.example", {{"authorization", "Bearer of-the-host"}}}};

    auto proto = curfew::SandboxBuilder().with_fetch(policy, curfew::fetch_transport(serve)).build();
    auto sandbox = proto ? std::move(*proto).load_runtime() : std::unexpected(proto.error());
    if (!sandbox) return std::cerr << sandbox.error().message << '\n', 1;
    auto added = sandbox->add_handler("report", curfew::Script::from_content(R"(
        export async function handler(url) {
            try {
                const response = await fetch(url);
                return (await response.json()).temperature;
            } catch (error) {
                return `${error.message}: ${error.cause.message}`;
            }
        })"));
    if (!added) return std::cerr << added.error().message << '\n', 1;
    auto loaded = std::move(*sandbox).load();
    if (!loaded) return std::cerr << loaded.error().message << '\n', 1;

    for (const char* url : {R"("https://weather.example/today")", R"("https://elsewhere.example/")"}) {
        const auto done = loaded->handle_event("report", url, curfew::WallClockMonitor(10s));
        std::cout << (done ? done->result : done.error().message) << '\n';
    }
}
