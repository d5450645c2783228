#include "report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <map>
#include <stdexcept>

namespace curfew::conform {
namespace {

constexpr std::size_t kLongestMessage = 300;

// Texts come from a cell: one line, without what could move a terminal's cursor.
std::string line_of(std::string text) {
    if (text.size() > kLongestMessage) text = text.substr(0, kLongestMessage) + "...";
    std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
    return text;
}

std::string name_of_case(const Case& test) {
    return test.variant.empty() ? test.path : test.path + " (" + test.variant + ")";
}

std::map<std::string, std::size_t> reasons_of(const std::vector<Skipped>& skipped) {
    std::map<std::string, std::size_t> reasons;
    for (const Skipped& test : skipped) ++reasons[test.reason];
    return reasons;
}

template <typename Predicate>
std::size_t count_of(const Report& report, Predicate predicate) {
    return static_cast<std::size_t>(std::count_if(report.failures.begin(), report.failures.end(), predicate));
}

struct Counts {
    std::size_t ran, crashed, ended, beside, beside_too;
};

Counts counts_of(const Report& report) {
    return {report.passed + report.failures.size(),
            count_of(report, [](const Failure& failure) { return failure.outcome.crashed; }),
            count_of(report, [](const Failure& failure) { return failure.outcome.ended; }),
            count_of(report, [](const Failure& failure) { return failure.beside.has_value(); }),
            count_of(report, [](const Failure& failure) { return failure.beside && !failure.beside->passed; })};
}

// "99.73 %"
std::string share_of(std::size_t part, std::size_t whole) {
    std::string text(16, '\0');
    const double percent = whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%.2f %%", percent)));
    return text;
}

}  // namespace

Report make_report(const Plan& plan, const std::vector<Outcome>& outcomes) {
    if (outcomes.size() != plan.cases.size()) throw std::invalid_argument("a report needs an outcome for each case");
    Report report{.skipped = plan.skipped};
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        report.parts_passed += outcomes[i].parts_passed;
        report.parts_failed += outcomes[i].parts_failed;
        if (outcomes[i].passed) {
            ++report.passed;
        } else {
            report.failures.push_back({plan.cases[i], outcomes[i]});
        }
    }
    return report;
}

std::string text_of(const Report& report) {
    std::string text;
    for (const Failure& failure : report.failures) {
        text += "FAIL " + name_of_case(failure.test) + ": " + line_of(failure.outcome.message) + "\n";
        if (!failure.beside) continue;
        text += failure.beside->passed ? "     passes in Node\n"
                                       : "     fails in Node too: " + line_of(failure.beside->message) + "\n";
    }
    const Counts counts = counts_of(report);
    text += report.suite + " in cells of " + report.engine + ": " + std::to_string(counts.ran) + " ran in " +
            std::to_string(report.time.count() / 1000) + " s, " + std::to_string(report.passed) + " passed (" +
            share_of(report.passed, counts.ran) + "), " + std::to_string(report.failures.size()) + " failed, of them " +
            std::to_string(counts.ended) + " ended by a limit and " + std::to_string(counts.crashed) +
            " crashed cells\n";
    if (report.parts_passed + report.parts_failed > 0) {
        text += "tests in these files: " + std::to_string(report.parts_passed) + " passed, " +
                std::to_string(report.parts_failed) + " failed\n";
    }
    if (counts.beside > 0) {
        text += "of " + std::to_string(counts.beside) + " failed ones, " + std::to_string(counts.beside_too) +
                " fail in Node too\n";
    }
    text += std::to_string(report.skipped.size()) + " files skipped\n";
    for (const auto& [reason, count] : reasons_of(report.skipped))
        text += "    " + std::to_string(count) + " " + reason + "\n";
    return text;
}

std::string json_of(const Report& report) {
    const Counts counts = counts_of(report);
    nlohmann::json json{{"suite", report.suite},
                        {"engine", report.engine},
                        {"ran", counts.ran},
                        {"passed", report.passed},
                        {"failed", report.failures.size()},
                        {"ended", counts.ended},
                        {"crashed", counts.crashed},
                        {"parts_passed", report.parts_passed},
                        {"parts_failed", report.parts_failed},
                        {"skipped", report.skipped.size()},
                        {"skipped_by_reason", reasons_of(report.skipped)},
                        {"milliseconds", report.time.count()}};
    if (counts.beside > 0) json["beside"] = {{"ran", counts.beside}, {"failed", counts.beside_too}};
    return json.dump() + "\n";
}

}  // namespace curfew::conform
