// What a test of test262 says of itself: the YAML between "/*---" and "---*/", as far as a runner needs it.
#ifndef CURFEW_TESTS_CONFORM_FRONT_MATTER_H
#define CURFEW_TESTS_CONFORM_FRONT_MATTER_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace curfew::conform {

struct Negative {
    std::string phase{};  // "parse", "resolution" or "runtime"
    std::string type{};   // name of the error's constructor
};

struct FrontMatter {
    std::vector<std::string> flags{};
    std::vector<std::string> includes{};  // files of harness/
    std::vector<std::string> features{};
    std::optional<Negative> negative{};

    bool has_flag(std::string_view name) const noexcept;
};

// Nothing if the source has no front matter. What is not understood in it is passed over.
std::optional<FrontMatter> parse_front_matter(std::string_view source);

}  // namespace curfew::conform

#endif
