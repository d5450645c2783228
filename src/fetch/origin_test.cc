// Origins as policies name them.
#include "fetch/origin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace curfew::fetch {
namespace {

using ::testing::HasSubstr;

bool matches(std::string_view pattern, std::string_view url) {
    const auto origin = OriginPattern::parse(pattern);
    EXPECT_TRUE(origin) << pattern << ": " << origin.error().message;
    const auto parsed = Url::parse(url);
    EXPECT_TRUE(parsed) << url;
    return origin && parsed && origin->matches(*parsed);
}

TEST(OriginTest, OneHost) {
    EXPECT_TRUE(matches("https://api.example.com", "https://api.example.com/a"));
    EXPECT_TRUE(matches("https://API.example.com:443", "https://api.example.com"));
    EXPECT_TRUE(matches("http://127.0.0.1:8080", "http://0x7f.1:8080/"));
    EXPECT_TRUE(matches("http://[::1]", "http://[0::1]/"));
    EXPECT_FALSE(matches("https://api.example.com", "http://api.example.com"));
    EXPECT_FALSE(matches("https://api.example.com", "https://api.example.com:8443"));
    EXPECT_FALSE(matches("https://api.example.com", "https://x.api.example.com"));
    EXPECT_FALSE(matches("https://api.example.com", "https://api.example.com.evil.example"));
    EXPECT_FALSE(matches("https://api.example.com", "https://evil-api.example.com"));
}

TEST(OriginTest, NamesBelow) {
    EXPECT_TRUE(matches("https://*.example.com", "https://a.example.com"));
    EXPECT_TRUE(matches("https://*.example.com", "https://a.b.example.com"));
    EXPECT_TRUE(matches("https://*.example.com:8443", "https://a.example.com:8443"));
    EXPECT_FALSE(matches("https://*.example.com", "https://example.com"));
    EXPECT_FALSE(matches("https://*.example.com", "https://evilexample.com"));
    EXPECT_FALSE(matches("https://*.example.com", "http://a.example.com"));
    EXPECT_FALSE(matches("https://*.example.com", "https://a.example.com:8443"));
}

TEST(OriginTest, AnyHost) {
    EXPECT_TRUE(matches("https://*", "https://example.com"));
    EXPECT_TRUE(matches("https://*", "https://127.0.0.1"));
    EXPECT_TRUE(matches("http://*:8080", "http://example.com:8080"));
    EXPECT_FALSE(matches("https://*", "http://example.com"));
    EXPECT_FALSE(matches("https://*", "https://example.com:8443"));
}

TEST(OriginTest, SaysWhatIsNone) {
    for (const std::string_view text : {"",
                                        "*",
                                        "example.com",
                                        "https://",
                                        "https://example.com/",
                                        "https://example.com/a",
                                        "https://example.com?",
                                        "https://a*b.com",
                                        "https://a.*.com",
                                        "https://*com",
                                        "https://**",
                                        "https://*.*.com",
                                        "*://example.com",
                                        "https://*.",
                                        "https://*.127.0.0.1",
                                        "https://user@example.com",
                                        "ftp://example.com",
                                        "https://example.com:0",
                                        "https://example.com:*",
                                        "https://example.com#",
                                        "https://*.1",
                                        "https://example.com."}) {
        const auto origin = OriginPattern::parse(text);
        ASSERT_FALSE(origin) << text;
        EXPECT_EQ(origin.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(origin.error().message, HasSubstr("is no origin: ")) << text;
    }
}

}  // namespace
}  // namespace curfew::fetch
