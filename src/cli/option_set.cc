#include "cli/option_set.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/suggestion.h"

namespace curfew::cli {

std::unexpected<Error> refuse(std::string message) {
    return base::fail(ErrorCode::invalid_argument, std::move(message));
}

OptionSet::OptionSet(std::string name, const std::string& description, std::string_view example,
                     std::string_view footer)
    : name_(std::move(name)), example_(example), app_(description, "curfew " + name_) {
    app_.footer(std::string(footer));
    app_.get_formatter()->column_width(26);
    app_.set_help_flag("-h,--help", "Print this");
}

Result<std::optional<ShowText>> OptionSet::parse(std::span<const std::string> arguments) {
    try {
        app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp&) {
        return ShowText{app_.help()};
    } catch (const CLI::ExtrasError&) {
        return explain(unknown_argument());
    } catch (const CLI::ArgumentMismatch& error) {
        return explain(wrong_count(error.what()));
    } catch (const CLI::ParseError& error) {
        return explain(std::string(error.what()));
    }
    return std::nullopt;
}

std::unexpected<Error> OptionSet::explain(const std::string& what) const {
    return refuse(what + "\nExample: " + example_ + "\nAll options: curfew " + name_ + " --help");
}

// CLI11's own words for it start with the option's name and a colon.
std::string OptionSet::wrong_count(const std::string& words) const {
    const std::string name = words.substr(0, words.find(':'));
    const CLI::Option* const option = app_.get_option_no_throw(name);
    if (option != nullptr && option->count() > 1) return name + " is given more than once.";
    return name + " needs a value.";
}

std::string OptionSet::unknown_argument() const {
    const std::vector<std::string> extras = app_.remaining();
    const auto option = std::ranges::find_if(extras, [](const std::string& word) { return word.starts_with('-'); });
    if (option == extras.end()) return base::in_quotes(extras.front()) + " is one argument too many.";

    const std::string typed = option->substr(0, option->find('='));
    std::vector<std::string> known;
    for (const CLI::Option* each : app_.get_options()) {
        for (const std::string& name : each->get_lnames()) known.push_back("--" + name);
    }
    const std::optional<std::string> meant = nearest_word(typed, known);
    return "There is no option " + typed + (meant ? "; did you mean " + *meant + "?" : ".");
}

}  // namespace curfew::cli
