// What a policy says of requests.
#include "fetch/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "fetch/headers.h"

namespace curfew::fetch {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

FetchPolicy open_policy() {
    FetchPolicy policy;
    policy.origins = {"https://example.com", "https://other.example", "http://127.0.0.1", "https://*.sub.example"};
    return policy;
}

std::shared_ptr<const Rules> rules_of(FetchPolicy policy) {
    auto rules = Rules::of(std::move(policy));
    EXPECT_TRUE(rules) << rules.error().message;
    return *rules;
}

Wanted get(std::string url) { return {.method = "GET", .url = std::move(url), .headers = {}, .body_size = {}}; }

std::string refusal(const FetchPolicy& policy, Wanted wanted) {
    const auto request = rules_of(policy)->allow(std::move(wanted));
    if (request) return "allowed";
    EXPECT_EQ(request.error().code, kRefusedCode);
    return request.error().message;
}

std::vector<std::string> lines(const std::vector<FetchHeader>& headers) {
    std::vector<std::string> made;
    for (const FetchHeader& header : headers) made.push_back(header.name + ": " + header.value);
    return made;
}

TEST(RulesTest, RefusesOriginsThatAreNotNamed) {
    EXPECT_EQ(refusal(open_policy(), get("https://example.com/a?b")), "allowed");
    EXPECT_EQ(refusal(open_policy(), get("https://a.sub.example")), "allowed");
    EXPECT_EQ(refusal(open_policy(), get("https://evil.example/secret")),
              "this sandbox's policy allows no requests to https://evil.example");
    EXPECT_THAT(refusal(FetchPolicy(), get("https://example.com")), HasSubstr("allows no requests to"));
    EXPECT_THAT(refusal(open_policy(), get("https://user@example.com")), HasSubstr("user name"));
}

TEST(RulesTest, RefusesAddressesThatAreNotPublicOrNamed) {
    EXPECT_EQ(refusal(open_policy(), get("http://2130706433/")),
              "this sandbox's policy allows no connection to the address 127.0.0.1, which is not a public one");
    FetchPolicy policy = open_policy();
    policy.addresses = {"127.0.0.0/8"};
    EXPECT_EQ(refusal(policy, get("http://127.0.0.1/")), "allowed");
    policy = FetchPolicy();
    policy.origins = {"http://*"};
    for (const std::string host :
         {"10.0.0.1", "[::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::]", "0", "169.254.169.254"}) {
        EXPECT_THAT(refusal(policy, get("http://" + host)), HasSubstr("not a public one")) << host;
    }
    EXPECT_EQ(refusal(policy, get("http://8.8.8.8")), "allowed");
}

TEST(RulesTest, RefusesMethodsAndLargeBodies) {
    Wanted wanted = get("https://example.com");
    wanted.method = "PURGE";
    EXPECT_EQ(refusal(open_policy(), wanted), "this sandbox's policy does not allow the method \"PURGE\"");
    wanted.method = "get";
    EXPECT_THAT(refusal(open_policy(), wanted), HasSubstr("does not allow the method"));
    wanted.method = "POST";
    wanted.has_body = true;
    wanted.body_size = (16 << 20) + 1;
    EXPECT_EQ(refusal(open_policy(), wanted),
              "the request's body is larger than 16 MiB, which is what this sandbox's policy allows");
    wanted.body_size = 16 << 20;
    EXPECT_EQ(refusal(open_policy(), wanted), "allowed");
}

TEST(RulesTest, GuestsDoNotSetHeadersOfTheConnection) {
    for (const std::string name :
         {"Host", "connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Expect",
          "HTTP2-Settings", "Proxy-Authorization", "proxy-", "PROXY-connection"}) {
        Wanted wanted = get("https://example.com");
        wanted.headers = {{name, "x"}};
        EXPECT_THAT(refusal(open_policy(), wanted), HasSubstr("cannot be set")) << name;
    }
    for (const FetchHeader& header : std::vector<FetchHeader>{{"a b", "x"},
                                                              {"", "x"},
                                                              {"a:", "x"},
                                                              {"a", "x\r\nHost: y"},
                                                              {"a", "\n"},
                                                              {"a", "\xe2\x82\xac"},
                                                              {"a", "\xff"},
                                                              {"a", std::string(1, '\0')}}) {
        Wanted wanted = get("https://example.com");
        wanted.headers = {header};
        EXPECT_NE(refusal(open_policy(), wanted), "allowed") << header.name;
    }
}

TEST(RulesTest, PassesOnWhatGuestsMaySet) {
    Wanted wanted = get("https://example.com");
    wanted.headers = {
        {"accept", "*/*"}, {"content-length", "5"}, {"Accept-Encoding", "br"}, {"x-a", "\xc3\xa9"}, {"x-a", "2"}};
    const auto request = rules_of(open_policy())->allow(wanted);
    ASSERT_TRUE(request);
    EXPECT_THAT(lines(request->headers), ElementsAre("accept: */*", "x-a: \xe9", "x-a: 2"));
}

TEST(RulesTest, RefusesLargeHeaders) {
    Wanted wanted = get("https://example.com");
    wanted.headers = {{"a", std::string(64 << 10, 'x')}};
    EXPECT_EQ(refusal(open_policy(), wanted),
              "the headers are larger than 64 KiB, which is what this sandbox's policy allows");
}

TEST(RulesTest, AddsTheHostsHeadersForTheirOriginAlone) {
    FetchPolicy policy = open_policy();
    policy.headers = {{"https://example.com", {{"Authorization", "Bearer secret"}}},
                      {"https://*.sub.example", {{"X-Key", "k"}}}};
    const auto rules = rules_of(policy);
    Wanted wanted = get("https://example.com");
    wanted.headers = {{"authorization", "Basic mine"}, {"accept", "*/*"}};
    EXPECT_THAT(lines(rules->allow(wanted)->headers), ElementsAre("accept: */*", "Authorization: Bearer secret"));
    wanted.url = "https://other.example";
    EXPECT_THAT(lines(rules->allow(wanted)->headers), ElementsAre("authorization: Basic mine", "accept: */*"));
    EXPECT_THAT(lines(rules->allow(get("https://a.sub.example"))->headers), ElementsAre("X-Key: k"));
}

TEST(RulesTest, GivesTheTransportItsBounds) {
    FetchPolicy policy = open_policy();
    policy.time_limit = 2s;
    policy.max_response_bytes = 7;
    const auto before = std::chrono::steady_clock::now();
    const auto request = rules_of(policy)->allow(get("https://EXAMPLE.com:443/a?b#c"));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->url, "https://example.com/a?b");
    EXPECT_EQ(request->origin, "https://example.com");
    EXPECT_EQ(request->max_response_bytes, 7U);
    EXPECT_GE(request->deadline, before + 2s);
    policy.time_limit = std::chrono::nanoseconds::max();
    EXPECT_GT(rules_of(policy)->allow(get("https://example.com"))->deadline, before);
}

TEST(RulesTest, SaysWhatIsWrongWithAPolicy) {
    const auto fault = [](auto change) {
        FetchPolicy policy = open_policy();
        change(policy);
        const auto rules = Rules::of(policy);
        return rules ? "none" : rules.error().message;
    };
    EXPECT_THAT(fault([](FetchPolicy& p) { p.origins = {"example.com"}; }),
                HasSubstr("the fetch policy: \"example.com\" is no origin"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.addresses = {"localhost"}; }), HasSubstr("is no range of addresses"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.methods = {"CONNECT"}; }), HasSubstr("cannot be fetched with"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.methods = {"trace"}; }), HasSubstr("cannot be fetched with"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.methods = {"A B"}; }), HasSubstr("is no method"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.headers = {{"x", {}}}; }), HasSubstr("is no origin"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.headers = {{"https://a", {{"Host", "b"}}}}; }),
                HasSubstr("transport's own"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.headers = {{"https://a", {{"a b", "c"}}}}; }),
                HasSubstr("no name of a header"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.headers = {{"https://a", {{"a", "b\n"}}}}; }), HasSubstr("line break"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.max_requests = 0; }), HasSubstr("max_requests is zero"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.max_concurrent = 0; }), HasSubstr("max_concurrent is zero"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.max_response_bytes = 0; }), HasSubstr("max_response_bytes is zero"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.max_header_bytes = 0; }), HasSubstr("max_header_bytes is zero"));
    EXPECT_THAT(fault([](FetchPolicy& p) { p.time_limit = 0ns; }), HasSubstr("time_limit"));
    EXPECT_EQ(fault([](FetchPolicy&) {}), "none");
}

TEST(HeadersTest, BytesAndTextAreOneToOne) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    EXPECT_EQ(latin1_of_utf8(utf8_of_latin1(bytes)), bytes);
    for (const std::string text : {"\xc4\x80", "\xc3", "\xc3\xc3", "\xe9", "\xc1\x80"})
        EXPECT_FALSE(latin1_of_utf8(text)) << text;
}

}  // namespace
}  // namespace curfew::fetch
