// Code mode: a language model gets a declaration of the tools, writes a program, and the program is run in a cell. It calls tools side
// by side, and what comes of it goes back to the model: its value, what it printed, what it used, or its error.
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>
#include <tuple>

#include <curfew/curfew.h>
#include <curfew/reply.h>

using namespace std::chrono_literals;

// Tools take their time, and their callers do not wait for one before they call the next.
void answer_later(curfew::Reply<int> reply, int value) {
    std::thread([reply = std::move(reply), value]() mutable {
        std::this_thread::sleep_for(50ms);
        reply.send(value);
    }).detach();
}

void add_tools(curfew::ProtoSandbox& host) {
    host.host_module("tools")
        .add_async("population",
                   [](const std::string& city, curfew::Reply<int> reply) {
                       answer_later(std::move(reply), city == "Oslo" ? 709'000 : 1'000'000);
                   })
        .describe("population", {.comment = "How many people live in a city.", .parameters = {"city"}});
}

// What a model could have written, after it was shown what describe() gives.
constexpr const char* kGenerated = R"(
import { population } from 'tools';
const cities: string[] = ['Oslo', 'Lima', 'Pune'];
const counts = await Promise.all(cities.map((city) => population(city)));
console.log(`asked for ${counts.length} cities`);
counts.reduce((sum: number, count) => sum + count, 0)
)";

int main(int count, char** arguments) {
    std::string output;
    auto host =
        curfew::SandboxBuilder().with_print([&](curfew::PrintLevel, std::string_view text) { output += text; }).build();
    if (!host) return std::cerr << host.error().message << '\n', 1;
    add_tools(*host);
    std::cout << host->describe();

    auto runtime = std::move(*host).load_runtime();
    if (!runtime) return std::cerr << runtime.error().message << '\n', 1;
    auto sandbox = std::move(*runtime).load_without_handlers();
    if (!sandbox) return std::cerr << sandbox.error().message << '\n', 1;
    const auto clean = sandbox->snapshot();
    if (!clean) return std::cerr << clean.error().message << '\n', 1;

    std::string wrong = "population('Oslo')";  // forgot to import it
    if (count > 1) {
        std::ifstream file(arguments[1]);
        wrong.assign(std::istreambuf_iterator<char>(file), {});
    }
    const std::tuple limits{curfew::CpuTimeMonitor(500ms), curfew::WallClockMonitor(10s), curfew::HostCallMonitor(20)};
    for (const std::string& code : {std::string(kGenerated), wrong}) {
        output.clear();
        const auto done = sandbox->evaluate(curfew::Script::typescript(code, "generated.ts").as_program(), limits);
        if (done) {
            std::cout << "value: " << done->result << "\noutput: " << output
                      << "side by side: " << (done->usage.wall_time < 140ms ? "yes" : "no")
                      << ", host calls: " << done->usage.host_calls << '\n';
        } else {
            std::cout << "error: " << done.error().message << '\n' << done.error().stack << '\n';
        }
        if (!sandbox->restore(*clean)) return 1;  // the next program finds nothing of this one
    }
}
