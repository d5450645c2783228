// One command's options, by CLI11, with messages that are sentences.
#ifndef CURFEW_CLI_OPTION_SET_H
#define CURFEW_CLI_OPTION_SET_H

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <curfew/error.h>

#include "cli/request.h"

namespace curfew::cli {

std::unexpected<Error> refuse(std::string message);

class OptionSet {
  public:
    // The command's name is without "curfew".
    OptionSet(std::string name, const std::string& description, std::string_view example, std::string_view footer);

    CLI::App& app() { return app_; }

    // The text to show if help was asked for, or nothing if the options are all there.
    Result<std::optional<ShowText>> parse(std::span<const std::string> arguments);

    // What is wrong, with the example, and where all options are told.
    std::unexpected<Error> explain(const std::string& what) const;

  private:
    std::string wrong_count(const std::string& words) const;
    std::string unknown_argument() const;

    std::string name_;
    std::string example_;
    CLI::App app_;
};

// An option that takes one text. Unlike CLI11's own, its messages are sentences.
struct TextOption {
    CLI::Option* option = nullptr;
    std::string value;

    std::optional<std::string> given() const { return option->count() > 0 ? std::optional(value) : std::nullopt; }
};

}  // namespace curfew::cli

#endif
