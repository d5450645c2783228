// JavaScript source, with the name under which it appears in stack traces.
#ifndef CURFEW_SCRIPT_H
#define CURFEW_SCRIPT_H

#include <curfew/language.h>

#include <cstddef>
#include <string>
#include <utility>

#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/file_path.h>

namespace curfew {

// A plain value. A script is an ES module that exports `handler`, or defines `function handler(event)` at its top
// level; or it is a program (from_program). Whether it compiles is found out when a sandbox loads it.
//
// A script imports files from the sandbox's file system (SandboxBuilder::with_modules). Relative paths and packages are
// looked for from the script's folder: the one of its file, or the one that with_virtual_base() names.
class CURFEW_EXPORT Script {
  public:
    static constexpr std::size_t kLargestFile = 256 << 20;

    // Source that is already in memory, as UTF-8.
    [[nodiscard]] static Script from_content(std::string source, std::string name = "handler.js") {
        return Script(std::move(source), std::move(name));
    }

    // Some code, rather than a handler: it may `await` and `return` at its top level, and its result is what it returns, or
    // the value of its last expression. As a handler, a call runs it from its beginning, with the event as the global
    // `event`, and its names are its own; LoadedSandbox::evaluate() lets later programs see them. It is strict code. Static
    // imports stand at its top. Result undefined becomes null. See docs/programs.md.
    [[nodiscard]] static Script from_program(std::string source, std::string name = "program.js") {
        return Script(std::move(source), std::move(name)).as_program();
    }

    // TypeScript: a handler's, or with as_program() a program's. Its types are taken away when a sandbox loads it, and all else
    // stays where it is. What needs more than that, such as an enum, is refused; see docs/typescript.md.
    [[nodiscard]] static Script typescript(std::string source, std::string name = "handler.ts") {
        Script script(std::move(source), std::move(name));
        script.is_typescript_ = true;
        return script;
    }

    // Reads a file whole; one whose name ends with .ts, .mts or .cts is TypeScript. Its name is the path as given; its folder is the real one of the file, absolute and without
    // symbolic links. Fails with `invalid_argument` if it cannot be read, is not UTF-8, or has more than kLargestFile bytes.
    [[nodiscard]] static Result<Script> from_file(const FilePath& path);

    // The same text as a program.
    [[nodiscard]] Script as_program() const& { return Script(*this).as_program(); }
    [[nodiscard]] Script as_program() && {
        is_program_ = true;
        return std::move(*this);
    }

    // The same script with the source map (JSON, version 3) of whatever made it: errors and stacks name the places of its
    // sources then. A map that is in the script's last comment, as a data: URL, need not be given. A sandbox that loads a script
    // with a map that cannot be used fails with `invalid_argument`.
    [[nodiscard]] Script with_source_map(std::string map) const& {
        return Script(*this).with_source_map(std::move(map));
    }
    [[nodiscard]] Script with_source_map(std::string map) && {
        source_map_ = std::move(map);
        return std::move(*this);
    }

    // The same script, as if it lay in this folder of the sandbox's file system: a path like "/app". The folder need not
    // be there. Sandbox::add_handler() refuses what is no absolute path.
    [[nodiscard]] Script with_virtual_base(std::string folder) const& {
        return Script(*this).with_virtual_base(std::move(folder));
    }
    [[nodiscard]] Script with_virtual_base(std::string folder) && {
        folder_ = std::move(folder);
        return std::move(*this);
    }

    const std::string& source() const noexcept { return source_; }
    const std::string& name() const noexcept { return name_; }
    bool is_program() const noexcept { return is_program_; }
    bool is_typescript() const noexcept { return is_typescript_; }

    // As it was given; empty if none was.
    const std::string& source_map() const noexcept { return source_map_; }

    // Where its imports are looked for; empty if it has no folder. Such a script can import absolute paths only.
    const std::string& folder() const noexcept { return folder_; }

  private:
    Script(std::string source, std::string name) : source_(std::move(source)), name_(std::move(name)) {}

    std::string source_;
    std::string name_;
    std::string folder_{};
    std::string source_map_{};
    bool is_program_ = false;
    bool is_typescript_ = false;
};

}  // namespace curfew

#endif
