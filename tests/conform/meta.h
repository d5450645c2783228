// What a test of the web platform's tests says of itself: its lines "// META: key=value".
#ifndef CURFEW_TESTS_CONFORM_META_H
#define CURFEW_TESTS_CONFORM_META_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace curfew::conform {

struct Meta {
    std::vector<std::string> scripts{};   // to be run before it, by paths from its folder or from the checkout's
    std::vector<std::string> globals{};   // where it is meant for; empty: windows and dedicated workers
    std::vector<std::string> variants{};  // queries with each of which it is run; empty: once, without
    std::string title{};
};

Meta parse_meta(std::string_view source);

// Why a cell cannot run it, by its name, what it says of itself, and what it uses; nothing if it can be tried.
std::optional<std::string> reason_to_skip(std::string_view path, const Meta& meta, std::string_view source);

}  // namespace curfew::conform

#endif
