#include "cli/pause_options.h"

#include <optional>

#include "base/quantity.h"
#include "cli/option_set.h"
#include "cli/sandbox_option_set.h"
#include "cli/tools.h"

namespace curfew::cli {
namespace {

// ID=TEXT
std::optional<CallAnswer> parse_answer(const std::string& text, bool failed) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) return std::nullopt;
    constexpr std::uint64_t kMost = 0xffff'ffff;
    const Result<std::uint64_t> id = base::parse_count(text.substr(0, equals), kMost);
    if (!id) return std::nullopt;
    return CallAnswer{.id = static_cast<std::uint32_t>(*id), .failed = failed, .text = text.substr(equals + 1)};
}

}  // namespace

CLI::Option* add_names(CLI::App& app, const char* option, std::vector<std::string>& names, const char* help) {
    return app.add_option(option, names, help)->type_name("MODULE.FUNCTION")->allow_extra_args(false)->take_all();
}

std::string read_names(const std::vector<std::string>& names, const std::string& option, SandboxOptions& into) {
    for (const std::string& name : names) {
        const std::optional<HostFunctionName> parts = parse_function_name(name);
        if (!parts) return option + " needs a module and a function, as in tools.delete.";
        into.left_open.push_back(*parts);
    }
    return {};
}

Result<Request> parse_resume(std::span<const std::string> arguments) {
    OptionSet options(
        "resume",
        "Goes on with a handler that curfew run --pause-on has saved, in the middle of its function: nothing is "
        "run again. Without an answer it prints what the handler waits for.",
        "curfew resume state.snap --reply 1=true",
        "\nIf the handler waits again, it is saved again. If anything goes wrong, the file stays as it is. The "
        "limits count what was used before.\nExit status: as of curfew run.");
    CLI::App& app = options.app();
    TextOption file, out;
    std::vector<std::string> replies, failures;
    file.option = app.add_option("FILE", file.value, "The file that was saved")->type_name("");
    app.add_option("--reply", replies, "Answer the open call ID with a value; may be given several times")
        ->type_name("ID=JSON")
        ->allow_extra_args(false)
        ->take_all();
    app.add_option("--fail", failures, "Answer it with an error of this text, which the handler can catch; likewise")
        ->type_name("ID=TEXT")
        ->allow_extra_args(false)
        ->take_all();
    out.option = app.add_option("-o,--out", out.value, "The file to save to, in place of FILE")->type_name("PATH");
    const SandboxOptionSet sandbox(app);
    ResumeOptions resume;
    app.add_flag("--json", resume.json, "Print one JSON object: the result, the error, or what it waits for (waiting)");
    const Result<std::optional<ShowText>> help = options.parse(arguments);
    if (!help) return std::unexpected(help.error());
    if (*help) return Request(**help);

    resume.file = file.value;
    if (resume.file.empty()) return options.explain("The file is missing.");
    resume.out = out.given();
    if (resume.out && (resume.out->empty() || resume.out == "-")) return options.explain("-o needs a file.");
    for (const bool failed : {false, true}) {
        for (const std::string& text : failed ? failures : replies) {
            const std::optional<CallAnswer> answer = parse_answer(text, failed);
            if (!answer) return options.explain(failed ? "--fail needs ID=TEXT." : "--reply needs ID=JSON.");
            resume.answers.push_back(*answer);
        }
    }
    if (const std::string wrong = sandbox.read(resume.sandbox); !wrong.empty()) return options.explain(wrong);
    if (resume.sandbox.engine) {
        return options.explain("--engine cannot be chosen: the handler goes on in the engine that it was saved in.");
    }
    return Request(resume);
}

Result<Request> parse_describe(std::span<const std::string> arguments) {
    OptionSet options(
        "describe",
        "Prints the declarations of what a handler can import and call, as TypeScript has them: for a language model's "
        "prompt, or for an editor.",
        "curfew describe tools.json",
        "\nA tool whose name has no dot is in the module tools. curfew run --tools FILE -o STATE lets a handler call "
        "them.\n"
        "Exit status: 0 done; 1 it could not be written; 2 wrong usage, or the file is not that.");
    CLI::App& app = options.app();
    TextOption tools, snapshot, key_file;
    std::vector<std::string> functions;
    tools.option = app.add_option("TOOLS", tools.value, kToolsHelp)->type_name("");
    add_names(app, "--function", functions, "A function of which nothing more is known; may be given several times");
    snapshot.option = app.add_option("--snapshot", snapshot.value,
                                     "The functions that a file of curfew snapshot or of --pause-on needs")
                          ->type_name("PATH");
    key_file.option =
        app.add_option("--key-file", key_file.value, "The key that it was signed with")->type_name("PATH");
    const Result<std::optional<ShowText>> help = options.parse(arguments);
    if (!help) return std::unexpected(help.error());
    if (*help) return Request(**help);

    DescribeOptions describe;
    describe.sandbox.key_file = key_file.given();
    describe.sandbox.tools = tools.given();
    describe.snapshot = snapshot.given();
    if (const std::string wrong = read_names(functions, "--function", describe.sandbox); !wrong.empty()) {
        return options.explain(wrong);
    }
    if (!tools.given() && !describe.snapshot && functions.empty()) {
        return options.explain("What to describe is missing: a file of tools, --function or --snapshot.");
    }
    return Request(describe);
}

}  // namespace curfew::cli
