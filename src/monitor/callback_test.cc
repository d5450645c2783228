// Callback: the owned callables of the public headers.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <curfew/callback.h>

namespace curfew::test {
namespace {

using Text = Callback<std::string(const std::string&)>;

std::string twice(const std::string& text) { return text + text; }

TEST(Callback, IsMadeOfWhateverCanBeCalled) {
    const std::string suffix = "!";
    EXPECT_EQ(Text([&](const std::string& text) { return text + suffix; })("a"), "a!");
    EXPECT_EQ(Text([n = 0](const auto&) mutable { return std::to_string(++n); })("a"), "1");
    EXPECT_EQ(Text([](std::string_view) { return "converted"; })("a"), "converted");
    EXPECT_EQ(Text(twice)("a"), "aa");
    EXPECT_EQ(Text(&twice)("a"), "aa");
    EXPECT_EQ(Text(std::function<std::string(std::string)>(twice))("a"), "aa");
    EXPECT_EQ(Text(std::bind_front(std::plus<std::string>(), "b"))("a"), "ba");
    EXPECT_EQ(Callback<std::size_t(const std::string&)>(&std::string::size)("abc"), 3U);
    int calls = 0;
    Callback<void(int)>([&](int n) { return calls += n; })(2);  // a result that nobody wants
    EXPECT_EQ(calls, 2);

    static_assert(!std::is_constructible_v<Text, int> && !std::is_constructible_v<Text, std::string (*)()>);
    using Unique = decltype([owned = std::unique_ptr<int>()](const std::string& text) { return text; });
    static_assert(!std::is_constructible_v<Text, Unique>, "what cannot be copied cannot be copied in a callback");
}

TEST(Callback, PassesArgumentsOnAsTheyAre) {
    auto owned = std::make_unique<int>(7);
    EXPECT_EQ(*Callback<std::unique_ptr<int>(std::unique_ptr<int>)>([](std::unique_ptr<int> given) { return given; })(
                  std::move(owned)),
              7);
    int changed = 0;
    Callback<void(int&)>([](int& value) { value = 1; })(changed);
    EXPECT_EQ(changed, 1);
}

TEST(Callback, IsEmptyIfItIsMadeOfNothing) {
    const Text none;
    EXPECT_FALSE(none);
    EXPECT_TRUE(none == nullptr);
    EXPECT_FALSE(Text(nullptr));
    EXPECT_FALSE(Text(static_cast<std::string (*)(const std::string&)>(nullptr)));
    EXPECT_FALSE(Text(std::function<std::string(const std::string&)>()));
    EXPECT_FALSE(Text(Callback<std::string(std::string)>()));
    EXPECT_FALSE(Text(none));
    EXPECT_THROW(static_cast<void>(none("a")), std::logic_error);

    Text text = twice;
    EXPECT_TRUE(text);
    EXPECT_TRUE(text != nullptr);
    text = nullptr;
    EXPECT_FALSE(text);
}

TEST(Callback, OwnsACopy) {
    Text count = [n = 0](const std::string&) mutable { return std::to_string(++n); };
    EXPECT_EQ(count(""), "1");
    Text copy = count;
    EXPECT_EQ(copy(""), "2");
    EXPECT_EQ(count(""), "2");
    count = copy;
    EXPECT_EQ(count(""), "3");
    const Text& same = count;
    count = same;
    EXPECT_EQ(count(""), "4");

    const auto shared = std::make_shared<int>();
    {
        Text holder = [shared](const std::string& text) { return text; };
        const Text moved = std::move(holder);
        EXPECT_FALSE(holder);  // NOLINT(bugprone-use-after-move): it says so
        EXPECT_EQ(moved("a"), "a");
        EXPECT_EQ(shared.use_count(), 2);
    }
    EXPECT_EQ(shared.use_count(), 1);
}

TEST(Callback, PassesExceptionsOn) {
    EXPECT_THROW(Callback<void()>([] { throw std::out_of_range("x"); })(), std::out_of_range);
}

}  // namespace
}  // namespace curfew::test
