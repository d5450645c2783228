// JavaScript source, with the name under which it appears in stack traces.
#ifndef CURFEW_SCRIPT_H
#define CURFEW_SCRIPT_H

#include <filesystem>
#include <string>
#include <utility>

#include <curfew/error.h>

namespace curfew {

// A plain value. A script is an ES module that exports `handler`, or defines `function handler(event)` at its top
// level. Whether it compiles is found out when a sandbox loads it.
class Script {
  public:
    // Source that is already in memory, as UTF-8.
    static Script from_content(std::string source, std::string name = "handler.js") {
        return Script(std::move(source), std::move(name));
    }

    // Reads a file whole. Fails with `invalid_argument` if it cannot be read or is not UTF-8.
    static Result<Script> from_file(const std::filesystem::path& path);

    const std::string& source() const noexcept { return source_; }
    const std::string& name() const noexcept { return name_; }

  private:
    Script(std::string source, std::string name) : source_(std::move(source)), name_(std::move(name)) {}

    std::string source_;
    std::string name_;
};

}  // namespace curfew

#endif
