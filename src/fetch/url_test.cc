// URLs in every spelling that means something else than it seems to.
#include "fetch/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <utility>

namespace curfew::fetch {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string normal(std::string_view text) {
    const auto url = Url::parse(text);
    return url ? url->text() : "refused: " + url.error();
}

TEST(UrlTest, IsWrittenInOneWay) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"http://example.com", "http://example.com/"},
        {"HTTP://EXAMPLE.com:80/A?b#c", "http://example.com/A?b"},
        {"https://example.com:443", "https://example.com/"},
        {"https://example.com:80/", "https://example.com:80/"},
        {"http://example.com:/", "http://example.com/"},
        {"http://example.com:00080/", "http://example.com/"},
        {"http://example.com?q=a@b", "http://example.com/?q=a@b"},
        {"http://example.com#@evil", "http://example.com/"},
        {"http://example.com/a:b@c", "http://example.com/a:b@c"},
        {"http://a_b-c.xn--bcher-kva.example/%20", "http://a_b-c.xn--bcher-kva.example/%20"},
        {"http://[::1]:8080/", "http://[::1]:8080/"},
        {"http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"},
        {"http://[::ffff:127.0.0.1]/", "http://[::ffff:127.0.0.1]/"},
        {"http://[::FFFF:7f00:1]/", "http://[::ffff:127.0.0.1]/"},
    };
    for (const auto& [text, expected] : cases) EXPECT_EQ(normal(text), expected) << text;
}

TEST(UrlTest, SeesAddressesOfIpv4InEverySpelling) {
    for (const std::string_view host :
         {"127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f000001", "0X7F.0.0.1", "0177.0.0.1",
          "017700000001", "127.0.0.1.", "0x7f.1.", "00000000177.1", "127.0x0.0.0x1"}) {
        EXPECT_EQ(normal("http://" + std::string(host) + ":81/"), "http://127.0.0.1:81/") << host;
        const auto parsed = Host::parse(host);
        ASSERT_TRUE(parsed) << host;
        EXPECT_EQ(parsed->address, IpAddress::parse("127.0.0.1")) << host;
    }
    EXPECT_EQ(normal("http://0x"), "http://0.0.0.0/");
    EXPECT_EQ(normal("http://0"), "http://0.0.0.0/");
    EXPECT_EQ(normal("http://a.0x7g/"), "http://a.0x7g/");  // a name
    EXPECT_FALSE(Host::parse("a.0x7g")->address);
}

TEST(UrlTest, RefusesWhatIsNoHost) {
    for (const std::string_view text : {"http://",
                                        "http:///a",
                                        "http://:80",
                                        "http://?",
                                        "http://1.2.3.4.5/",
                                        "http://256.1.1.1/",
                                        "http://1.2.3.256/",
                                        "http://4294967296/",
                                        "http://08.1.1.1/",
                                        "http://a.1/",
                                        "http://1.0xg.1/",
                                        "http://99999999999999999999999/",
                                        "http://example.com./",
                                        "http://example..com/",
                                        "http://.example.com/",
                                        "http://./",
                                        "http://../",
                                        "http://127.0.0.1../",
                                        "http://[::1",
                                        "http://[::1]x/",
                                        "http://[1.2.3.4]/",
                                        "http://[fe80::1%eth0]/",
                                        "http://[fe80::1%25eth0]/",
                                        "http://[]/",
                                        "http://::1/",
                                        "http://a%2eb/",
                                        "http://a%00b/",
                                        "http://a,b/",
                                        "http://a;b/",
                                        "http://a*b/",
                                        "http://a$b/",
                                        "http://a'b/",
                                        "http://a(b)/",
                                        "http://exam\\ple/"}) {
        EXPECT_THAT(normal(text), StartsWith("refused: the URL")) << text;
    }
    EXPECT_THAT(normal("http://" + std::string(64, 'a') + ".example/"), HasSubstr("longer than it can be"));
    std::string long_name;
    for (int i = 0; i < 60; ++i) long_name += "abcd.";
    EXPECT_THAT(normal("http://" + long_name + "example/"), HasSubstr("longer than a name can be"));
}

TEST(UrlTest, RefusesUserInformationPortsAndSchemes) {
    EXPECT_THAT(normal("http://user@example.com/"), HasSubstr("user name or password"));
    EXPECT_THAT(normal("http://user:pass@example.com/"), HasSubstr("user name or password"));
    EXPECT_THAT(normal("http://example.com\\@evil.example/"), HasSubstr("user name or password"));
    EXPECT_THAT(normal("http://@example.com/"), HasSubstr("user name or password"));
    for (const std::string_view port : {"0", "65536", "99999999999", "-1", "+80", "8x", "x", " 80"}) {
        EXPECT_THAT(normal("http://example.com:" + std::string(port)), StartsWith("refused: ")) << port;
    }
    for (const std::string_view text :
         {"ftp://example.com", "file:///etc/passwd", "gopher://x", "ws://example.com", "javascript:x", "data:,x",
          "httpx://example.com", "//example.com", "example.com", "", ":", "blob:http://x"}) {
        EXPECT_THAT(normal(text), HasSubstr("neither http nor https")) << text;
    }
    EXPECT_THAT(normal("http:example.com"), HasSubstr("no host"));
    EXPECT_THAT(normal("http:/example.com"), HasSubstr("no host"));
}

TEST(UrlTest, RefusesBytesThatHaveToBeEscaped) {
    using namespace std::string_view_literals;
    for (const std::string_view text : {"http://example.com/a b"sv, "http://example.com/\r\nHost: evil"sv,
                                        "http://exa\tmple.com"sv, "http://example.com/\0"sv, " http://example.com"sv,
                                        "http://b\xc3\xbc"
                                        "cher.example"sv,
                                        "http://example.com/\xc3\xa9"sv, "http://example.com/\x7f"sv}) {
        EXPECT_THAT(normal(text), HasSubstr("have to be escaped"));
    }
    EXPECT_THAT(normal("http://example.com/" + std::string(Url::kLongest, 'a')), HasSubstr("longer than 16 KiB"));
}

// What was accepted is accepted again, and means the same.
TEST(UrlTest, MadeUpOnesAreRefusedOrStable) {
    constexpr std::string_view kPieces[] = {"http", "https", ":",  "/",    "//", "@",       "[",   "]",
                                            "::1",  "127",   ".",  "0x7f", "1",  "example", "com", "#",
                                            "?",    "%2e",   "\\", ":80",  "*",  "-",       "x",   "F"};
    std::mt19937 random(7);
    std::uniform_int_distribution<std::size_t> which(0, std::size(kPieces) - 1);
    int accepted = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string text = round % 2 == 0 ? "http://" : "";
        for (int i = 0; i < 1 + round % 9; ++i) text += kPieces[which(random)];
        const auto url = Url::parse(text);
        if (!url) continue;
        ++accepted;
        const auto again = Url::parse(url->text());
        ASSERT_TRUE(again) << text << " became " << url->text();
        EXPECT_EQ(again->text(), url->text()) << text;
        EXPECT_EQ(again->host.address, url->host.address) << text;
        EXPECT_FALSE(url->host.text.contains('@')) << text;
    }
    EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace curfew::fetch
