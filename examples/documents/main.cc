// The pieces of code that the documents show and that are no programs by themselves, each run once.
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <curfew/curfew.h>
#include <curfew/monitor.h>
#include <curfew/ready_queue.h>
#include <curfew/reply.h>

using namespace std::chrono_literals;

namespace {

// Says a value of a handler, or why there is none.
void say(const char* what, const curfew::Result<curfew::EventResult>& done) {
    std::cout << what << ": " << (done ? done->result : done.error().message) << '\n';
}

curfew::ProtoSandbox make_host() { return curfew::SandboxBuilder().build().value(); }

curfew::LoadedSandbox load(curfew::ProtoSandbox host, const char* handler) {
    auto runtime = std::move(host).load_runtime().value();
    runtime.add_handler("main", curfew::Script::from_content(handler)).value();
    return std::move(runtime).load().value();
}

// docs/engines.md. The engine need not be installed.
void engines() {
    auto proto = curfew::SandboxBuilder().with_engine(curfew::Engine::node).build();
    std::cout << "built: " << (proto || proto.error().code == curfew::ErrorCode::unavailable) << '\n';
}

// docs/programs.md
void evaluate() {
    auto runtime = curfew::Result<curfew::Sandbox>(make_host().load_runtime());
    auto sandbox = std::move(*runtime).load_without_handlers();
    auto done = sandbox->evaluate("const x = 20; x + 1", curfew::CpuTimeMonitor(100ms));  // done->result == "21"
    auto more = sandbox->evaluate("x * 2");                                               // more->result == "40"
    say("evaluated", done);
    say("and more", more);
}

void describe() {
    auto host = make_host();
    const auto find_population = [](const std::string& city, curfew::Reply<int> reply) {
        reply.send(city == "Oslo" ? 709'000 : 1);
    };
    host.host_module("tools")
        .add_async("population", find_population)
        .describe("population", {.comment = "How many people live in a city.", .parameters = {"city"}});
    std::cout << host.describe();
}

// docs/modules.md
void modules_by_name() {
    auto sandbox = make_host().load_runtime();
    const std::vector<curfew::Result<void>> added{
        sandbox->add_module("tools", "export const double = (x) => x * 2;"),  // user:tools
        sandbox->add_module("limits", "export const most = 10;", "tenant"),   // tenant:limits
        sandbox->add_handler("main", curfew::Script::from_content(
                                         "import { double } from 'user:tools'; export const handler = double;"))};
    auto loaded = std::move(*sandbox).load();
    say("with a module", loaded->handle_event("main", "21"));
}

// docs/host-functions.md
struct Pool {
    std::vector<std::jthread> threads{};
    void run(auto work) { threads.emplace_back(std::move(work)); }
};

std::string download(const std::string& url) { return "what is at " + url; }

void asynchronous() {
    Pool pool;
    auto host = make_host();
    auto& module = host.host_module("net");
    module.add_async("fetch", [&pool](std::string url, curfew::Reply<std::string> reply) {
        pool.run([url, reply = std::move(reply)]() mutable { reply.send(download(url)); });
    });
    auto sandbox = load(std::move(host), "import { fetch } from 'net'; export const handler = (url) => fetch(url);");
    say("later", sandbox.handle_event("main", "\"here\""));
}

// docs/pauses.md
void ready_queue() {
    auto host = make_host();
    host.host_module("person").add_deferred<bool()>("approve");
    auto sandbox = load(std::move(host), "import { approve } from 'person'; export const handler = () => approve();");
    std::map<std::uint64_t, std::reference_wrapper<curfew::PendingInvocation>> invocations;
    auto invocation = sandbox.begin_event("main", "null").value();
    invocations.emplace(17, invocation);
    const auto answered = invocation.resume(invocation.open_calls().front().id, "true");
    auto queue = curfew::ReadyQueue::create();
    invocation.notify(*queue, 17);
    // when queue->descriptor() is readable:
    for (const std::uint64_t token : queue->take()) invocations.at(token).get().go_on().value();
    std::cout << "answered: " << answered.has_value() << invocation.done() << '\n';
}

// docs/execution-monitors.md
void monitors() {
    auto sandbox = load(make_host(), "function handler(endless) { while (endless) {} return 1; }");
    const auto log = [](const std::string& text) { std::cout << text.substr(0, text.find(" and")) << '\n'; };
    const auto bill = [](const curfew::Usage& usage) { std::cout << "billed: " << (usage.cpu_time > 99ms) << '\n'; };
    const std::string event = "true";
    auto done =
        sandbox.handle_event("main", event, std::tuple{curfew::CpuTimeMonitor(100ms), curfew::WallClockMonitor(60s)});
    if (!done && done.error().code == curfew::ErrorCode::cancelled) {
        log(done.error().terminated_by);  // "cpu-time" or "wall-clock"
        log(done.error().message);        // a sentence: who was ended by what limit, and what it had used
        bill(done.error().usage);         // wall time, CPU time, host calls, bytes, heap
    }
}

void sets() {
    using namespace curfew;
    auto sandbox = load(make_host(), "function handler() { return 1; }");
    const auto monitored = [&](const auto& monitors) { say("monitored", sandbox.handle_event("main", "1", monitors)); };
    const HostCallMonitor tenant(10);
    const std::vector<AnyMonitor> configured{AnyMonitor(tenant)};
    monitored(WallClockMonitor(60s));                                           // one
    monitored(std::tuple{CpuTimeMonitor(10s), WallClockMonitor(60s), tenant});  // any number: the first to fire wins
    monitored(configured);                                                      // known at run time: AnyMonitor
    monitored(std::tuple<>{});                                                  // none: unlimited, but for defaults
}

void soft() {
    using namespace curfew;
    auto sandbox = load(make_host(), "function handler() { for (;;) {} }");
    const auto page = [](std::string_view message) { std::cout << "warned: " << message.contains("cpu-time") << '\n'; };
    const auto notice =
        SoftMonitor(CpuTimeMonitor(20ms), [=](const monitor::Warning& warning) { page(warning.message); });
    const auto done = sandbox.handle_event("main", "1", std::tuple{notice, CpuTimeMonitor(200ms)});
    std::cout << done.error().terminated_by << '\n';
}

}  // namespace

int main() {
    engines();
    evaluate();
    describe();
    modules_by_name();
    asynchronous();
    ready_queue();
    monitors();
    sets();
    soft();
}
