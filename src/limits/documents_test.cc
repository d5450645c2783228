// What the documents and the headers say of the built-in limits is what the table says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <string_view>

#include <curfew/limits.h>

namespace curfew {
namespace {

const std::filesystem::path kSource = CURFEW_SOURCE;

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path);
    EXPECT_TRUE(file) << path;
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The names in the second column of the table that begins with this line.
std::set<std::string> names_in_table(const std::string& document, std::string_view head) {
    const std::size_t start = document.find(head);
    EXPECT_NE(start, std::string::npos) << head;
    if (start == std::string::npos) return {};
    const std::string table = document.substr(start, document.find("\n\n", start) - start);
    static const std::regex row(R"re(\n\| `[^|]*` \| ([a-z-]+) \|)re");
    std::set<std::string> names;
    for (std::sregex_iterator match(table.begin(), table.end(), row), end; match != end; ++match) {
        names.insert((*match)[1]);
    }
    return names;
}

std::set<std::string> all_names() {
    std::set<std::string> names;
    for (const LimitKind& kind : limit_kinds()) names.emplace(kind.name);
    return names;
}

std::string options_table() {
    std::string table = "| option of `curfew run` | limit on | `terminated_by` |\n|---|---|---|\n";
    for (const LimitKind& kind : limit_kinds()) {
        if (kind.option.empty()) continue;
        table += "| `" + std::string(kind.option) + " " + std::string(kind.example) + "` | " + std::string(kind.help) +
                 " | " + std::string(kind.name) + " |\n";
    }
    return table;
}

TEST(LimitsInDocuments, TheReadmeHasTheTableOfOptions) {
    EXPECT_NE(content(kSource / "README.md").find("\n" + options_table() + "\n"), std::string::npos)
        << "README.md should have this table:\n"
        << options_table();
}

TEST(LimitsInDocuments, ThePageOfMonitorsHasThemAll) {
    EXPECT_EQ(names_in_table(content(kSource / "docs/execution-monitors.md"), "| monitor | name |"), all_names());
}

// A header of a built-in monitor begins with its class and its name: // WallClockMonitor ("wall-clock"): ends ...
TEST(LimitsInHeaders, EachBuiltInMonitorIsInTheTable) {
    const std::regex first_line(R"re(// (\w+Monitor) \("([a-z-]+)"\): )re");
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(kSource / "include/curfew/monitor")) {
        if (entry.path().extension() != ".h") continue;
        const std::string header = content(entry.path());
        std::smatch match;
        const std::string line = header.substr(0, header.find('\n'));
        if (std::regex_search(line, match, first_line)) names.insert(match[2]);
    }
    EXPECT_EQ(names, all_names())
        << "add a row to src/limits/limit_table.cc, or name the monitor in its header's first line";
}

}  // namespace
}  // namespace curfew
