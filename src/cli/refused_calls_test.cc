#include "cli/refused_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace curfew::cli {
namespace {

constexpr RefusedCall kOpen{.number = 257, .name = "openat", .error = 1, .error_name = "EPERM", .count = 3};
constexpr RefusedCall kUnknown{.number = 4'000'000'000, .name = "", .error = 5000, .error_name = "", .count = 1};

TEST(RefusedCalls, AreAddedUp) {
    RefusedCalls refused;
    for (int i = 0; i < 2; ++i) refused.add(kOpen);
    refused.add(kUnknown);
    EXPECT_EQ(refused.to_json(), nlohmann::ordered_json::parse(R"([
        {"call": "openat", "number": 257, "error": "EPERM", "count": 6},
        {"call": null, "number": 4000000000, "error": "5000", "count": 1}])"));
    EXPECT_EQ(refused.describe("node"),
              "Refused system calls (how often, which, and the error that the guest got):\n"
              "       6  openat: EPERM\n"
              "       1  number 4000000000: 5000");
}

TEST(RefusedCalls, AreNotMoreThanAHostCanHold) {
    RefusedCalls refused;
    for (std::uint32_t i = 0; i < 100'000; ++i) refused.add({i, "", i, "", 1});
    EXPECT_LT(refused.to_json().size(), 1000U);
    RefusedCalls often;
    RefusedCall all = kOpen;
    all.count = ~std::uint64_t{0};
    for (int i = 0; i < 2; ++i) often.add(all);
    EXPECT_EQ(often.to_json()[0]["count"], ~std::uint64_t{0});
}

TEST(RefusedCalls, SayThatThereAreNone) {
    EXPECT_EQ(RefusedCalls().describe("node"), "No system call was refused.");
    EXPECT_EQ(RefusedCalls().describe("quickjs"), "QuickJS makes no system calls, so that none was refused.");
    EXPECT_EQ(RefusedCalls().to_json(), nlohmann::ordered_json::array());
}

}  // namespace
}  // namespace curfew::cli
