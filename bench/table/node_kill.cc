// How soon an endless call of Node.js ends after its limit, whatever it is doing, beside the cell of QuickJS-NG.
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "table/measure.h"
#include "table/node_sandbox.h"
#include "table/row.h"

namespace curfew::bench {

namespace {

using namespace std::chrono_literals;

struct Endless {
    const char* name;
    const char* source;
    bool is_nodes_only = false;  // QuickJS does not have what it needs
};

}  // namespace

Result<std::vector<Row>> measure_node_kill() {
    constexpr std::array kEndless{
        Endless{"a loop", "function handler(e) { if (e) return 1; for (;;); }"},
        Endless{"a regular expression",
                "function handler(e) { if (e) return 1; return /^(a+)+$/.test('a'.repeat(100) + 'b'); }"},
        Endless{"sort",
                "function handler(e) { if (e) return 1; const a = Array.from({length: 1e5}, (_, i) => i * 7919 % "
                "1000003); for (;;) { a.sort((x, y) => x - y); a.reverse(); } }"},
        Endless{"JSON.stringify",
                "function handler(e) { if (e) return 1; const a = Array(1e5).fill({x: 'text'}); for (;;) "
                "JSON.stringify(a); }"},
        Endless{"garbage collection",
                "function handler(e) { if (e) return 1; let a; for (;;) { a = []; for (let i = 0; i < 1e5; ++i) "
                "a.push({i}); } }"},
        Endless{"zlib",
                "const { deflateSync } = require('zlib'); function handler(e) { if (e) return 1; const data = "
                "Buffer.from(Array.from({length: 1e6}, (_, i) => i * 7919 % 251)); for (;;) deflateSync(data, {level: "
                "9}); }",
                true},
        Endless{"WebAssembly",
                "const module = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, "
                "3, 2, 1, 0, 7, 7, 1, 3, 114, 117, 110, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11])); function "
                "handler(e) { if (e) return 1; new WebAssembly.Instance(module).exports.run(); }",
                true}};
    std::vector<Row> rows;
    for (const Endless& handler : kEndless) {
        std::vector<Figures> figures;
        for (const Engine engine : {Engine::node, Engine::quickjs}) {
            const bool is_there = engine == Engine::node || !handler.is_nodes_only;
            auto sandbox = load_on(engine, is_there ? handler.source : kEndless.front().source);
            if (!sandbox) return std::unexpected(std::move(sandbox.error()));
            const auto saved = sandbox->snapshot();
            if (!saved) return std::unexpected(saved.error());
            constexpr auto kLimit = 20ms;
            auto measured = by_turns({.rounds = 50, .warm_up = 1}, {{.once = [&]() -> Result<double> {
                                         const auto begin = Clock::now();
                                         const auto done =
                                             sandbox->handle_event(kRedirectName, "null", WallClockMonitor(kLimit));
                                         const auto end = Clock::now();
                                         if (done) return std::unexpected(Error{.message = "it ended by itself"});
                                         if (auto back = sandbox->restore(*saved); !back) {
                                             return std::unexpected(std::move(back.error()));
                                         }
                                         return nanoseconds(end - begin - kLimit);
                                     }}});
            if (!measured) return std::unexpected(std::move(measured.error()));
            figures.push_back(summarize(std::move((*measured)[0])));
        }
        rows.push_back({.what = std::string("Node.js: end of ") + handler.name + " after its limit of 20 ms",
                        .beside = std::string(handler.is_nodes_only ? "a loop in " : "") + "the cell of QuickJS-NG",
                        .measured = figures[0],
                        .bare = figures[1]});
    }
    return rows;
}

}  // namespace curfew::bench
