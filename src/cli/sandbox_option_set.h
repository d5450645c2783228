// The options of SandboxOptions, which curfew run and curfew snapshot have in common.
#ifndef CURFEW_CLI_SANDBOX_OPTION_SET_H
#define CURFEW_CLI_SANDBOX_OPTION_SET_H

#include <CLI/App.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <curfew/limits.h>

#include "cli/option_set.h"
#include "cli/request.h"

namespace curfew::cli {

class SandboxOptionSet {
  public:
    explicit SandboxOptionSet(CLI::App& app);

    // What is wrong with the first wrong one; empty if nothing is.
    std::string read(SandboxOptions& into) const;

  private:
    struct LimitOption {
        const LimitKind* kind;
        std::unique_ptr<TextOption> option;  // CLI11 keeps its address
    };

    std::string read_isolation(SandboxOptions& into) const;
    std::string read_cgroup(SandboxOptions& into) const;

    TextOption engine_, modules_, heap_, side_channels_, branch_barrier_, cgroup_, cgroup_memory_, cgroup_cpu_,
        key_file_;
    CLI::Option* fetch_ = nullptr;
    CLI::Option* fetch_addresses_ = nullptr;
    std::vector<std::string> origins_, addresses_;
    bool strict_ = false;
    bool jitless_ = false;
    std::vector<LimitOption> limits_;
};

}  // namespace curfew::cli

#endif
