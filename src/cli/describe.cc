#include "cli/describe.h"

#include <string>
#include <utility>

#include <curfew/curfew.h>

#include "cli/exit_status.h"
#include "cli/handler.h"
#include "cli/outcome.h"
#include "cli/snapshot_file.h"

namespace curfew::cli {
namespace {

Result<std::string> declarations(const DescribeOptions& options) {
    SandboxOptions asked = options.sandbox;
    if (options.snapshot) {
        const Result<Snapshot> snapshot = load_file(*options.snapshot, options.sandbox.key_file);
        if (!snapshot) return std::unexpected(snapshot.error());
        leave_open(snapshot->requirements(), asked);
    }
    Result<ProtoSandbox> host = SandboxBuilder().build();
    if (!host) return std::unexpected(std::move(host.error()));
    if (Result<void> added = add_tools(*host, asked); !added) return std::unexpected(std::move(added.error()));
    return host->describe();
}

}  // namespace

int describe(const DescribeOptions& options, Console& console) {
    Result<std::string> text = declarations(options);
    if (!text) return report({.result = std::unexpected(std::move(text.error())), .usage = {}}, false, console);
    if (text->ends_with('\n')) text->pop_back();
    return console.result(*text) ? kDone : kFailed;
}

}  // namespace curfew::cli
