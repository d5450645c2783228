// libcurl against a server of the test's own: what is sent, what comes back, and every way in which it goes wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <curfew/curl_transport.h>

#include "fetch/testing/guest_side.h"
#include "support/http_server.h"

// A thread of libcurl's own that looks names up may still be there at the end, with what OpenSSL keeps for each thread.
extern "C" [[gnu::visibility("default")]] const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:CRYPTO_zalloc\nleak:libcrypto.so\n"; }

namespace curfew::transport {
namespace {

using namespace std::chrono_literals;
using fetch::Failure;
using fetch::testing::Fetched;
using fetch::testing::wanted;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::HttpConnection;
using testing_support::HttpRequest;
using testing_support::HttpServer;

class CurlTransportTest : public ::testing::Test {
  protected:
    CurlTransportTest() {
        policy.origins = {"http://*", server.origin(), "http://localhost:" + std::to_string(server.port())};
        policy.addresses = {"127.0.0.1", "::1"};
    }

    void start() { session.emplace(*fetch::Rules::of(policy), transport); }

    Fetched fetch(const std::string& url, std::string method = "GET", const std::optional<std::string>& body = {},
                  std::vector<FetchHeader> headers = {}, bool knows_size = true) {
        if (!session) start();
        fetch::Wanted what = wanted(url, std::move(method));
        what.headers = std::move(headers);
        if (body && knows_size) what.body_size = body->size();
        return fetch::testing::fetch(*session, std::move(what), body);
    }
    // Starts a request that the test goes on with.
    std::shared_ptr<fetch::Exchange> begin(const std::string& path) {
        if (!session) start();
        const auto number = session->begin(wanted(server.origin() + path));
        EXPECT_TRUE(number) << number.error().message;
        return session->find(number.value_or(0));
    }
    Fetched fetch_path(const std::string& path) { return fetch(server.origin() + path); }

    static std::string gzip(std::size_t size) {
        z_stream stream{};
        deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
        std::string zeros(size, '\0');
        std::string made(deflateBound(&stream, size), '\0');
        stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
        stream.avail_in = static_cast<uInt>(size);
        stream.next_out = reinterpret_cast<Bytef*>(made.data());
        stream.avail_out = static_cast<uInt>(made.size());
        deflate(&stream, Z_FINISH);
        made.resize(stream.total_out);
        deflateEnd(&stream);
        return made;
    }

    // What the server does for each path.
    void serve(const HttpRequest& request, HttpConnection& connection) {
        const std::string& path = request.target;
        if (path == "/echo") {
            std::string text = request.method + " " + request.body;
            for (const auto& [name, value] : request.headers) {
                if (!value.empty()) text.append("\n" + name + "=" + value);
            }
            connection.respond(200, "X-Two: a\r\nX-Two: b\r\nContent-Type: text/plain\r\n", text);
        } else if (path == "/large") {
            connection.respond(200, "", std::string(4 << 20, 'x'));
        } else if (path == "/gzip") {
            connection.respond(200, "Content-Encoding: gzip\r\n", gzip(1 << 20));
        } else if (path == "/bomb") {
            connection.respond(200, "Content-Encoding: gzip\r\n", gzip(64 << 20));
        } else if (path == "/not-gzip") {
            connection.respond(200, "Content-Encoding: gzip\r\n", "plain");
        } else if (path == "/cut-gzip") {
            connection.respond(200, "Content-Encoding: gzip\r\n", gzip(1 << 20).substr(0, 500));
        } else if (path == "/endless") {
            connection.send("HTTP/1.1 200 OK\r\n\r\n");
            while (connection.send(std::string(10'000, 'x'))) continue;
            connection.close();
        } else if (path == "/silent") {
            connection.wait_closed();
            connection.close();
        } else if (path == "/stuck") {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            connection.wait_closed();
            connection.close();
        } else if (path == "/cut") {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            connection.close();
        } else if (path == "/nothing") {
            connection.close();
        } else if (path == "/garbage") {
            connection.send("this is not HTTP\r\n\r\n");
            connection.close();
        } else if (path == "/many-headers") {
            std::string head = "HTTP/1.1 200 OK\r\n";
            for (int i = 0; i < 2000; ++i) head += "X-" + std::to_string(i) + ": " + std::string(200, 'x') + "\r\n";
            connection.send(head + "Content-Length: 0\r\n\r\n");
            connection.close();
        } else if (path == "/continue") {
            connection.send("HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
            connection.respond(201, "X-Late: 1\r\n", "late");
        } else if (path == "/chunked") {
            connection.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Trailer: "
                "1\r\n\r\n");
        } else if (path == "/redirect") {
            connection.respond(302, "Location: http://169.254.169.254/latest\r\n", "");
        } else if (path == "/204") {
            connection.send("HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n");
        } else {
            connection.respond(404, "", "");
        }
    }

    HttpServer server{[this](const HttpRequest& request, HttpConnection& connection) { serve(request, connection); }};
    std::shared_ptr<FetchTransport> transport = curl_transport();
    FetchPolicy policy;
    std::optional<fetch::Session> session;
};

TEST_F(CurlTransportTest, SendsWhatItIsGiven) {
    const Fetched got = fetch(server.origin() + "/echo", "GET", {}, {{"x-mine", "1"}, {"x-empty", ""}});
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.status_text, "Status");
    EXPECT_EQ(got.header("Content-Type"), "text/plain");
    EXPECT_THAT(got.body, testing::StartsWith("GET \n"));
    EXPECT_THAT(got.body, HasSubstr("\nx-mine=1"));
    EXPECT_THAT(got.body, HasSubstr("\nhost=127.0.0.1:" + std::to_string(server.port())));
    EXPECT_THAT(got.body, HasSubstr("\naccept-encoding=gzip, deflate"));
    EXPECT_THAT(got.body, HasSubstr("\nuser-agent=curfew"));
    EXPECT_THAT(got.body, Not(HasSubstr("content-length")));
    const auto twice = std::ranges::count(got.headers, std::string("X-Two"), &FetchHeader::name);
    EXPECT_EQ(twice, 2);
}

TEST_F(CurlTransportTest, SendsBodies) {
    Fetched got = fetch(server.origin() + "/echo", "POST", "hello");
    EXPECT_THAT(got.body, testing::StartsWith("POST hello"));
    EXPECT_THAT(got.body, HasSubstr("\ncontent-length=5"));
    EXPECT_THAT(got.body, Not(HasSubstr("content-type")));
    EXPECT_THAT(got.body, Not(HasSubstr("expect")));
    got = fetch(server.origin() + "/echo", "PUT", "", {});
    EXPECT_THAT(got.body, testing::StartsWith("PUT \n"));
    got = fetch(server.origin() + "/echo", "POST");
    EXPECT_THAT(got.body, HasSubstr("\ncontent-length=0"));
    got = fetch(server.origin() + "/echo", "PATCH", std::string(3 << 20, 'x'), {}, false);
    EXPECT_THAT(got.body, HasSubstr("\ntransfer-encoding=chunked"));
    EXPECT_THAT(got.body, testing::StartsWith("PATCH " + std::string(3 << 20, 'x') + "\n"));
    got = fetch(server.origin() + "/echo", "HEAD");
    EXPECT_EQ(got.body, "");
    EXPECT_EQ(got.status, 200);
    got = fetch(server.origin() + "/echo", "DELETE");
    EXPECT_THAT(got.body, testing::StartsWith("DELETE \n"));
}

TEST_F(CurlTransportTest, ReadsBodiesOfEveryKind) {
    EXPECT_EQ(fetch_path("/large").body, std::string(4 << 20, 'x'));
    EXPECT_EQ(fetch_path("/chunked").body, "abcdefg");
    const Fetched decoded = fetch_path("/gzip");
    EXPECT_EQ(decoded.body, std::string(1 << 20, '\0'));
    EXPECT_EQ(decoded.header("Content-Encoding"), "(none)");
    EXPECT_EQ(decoded.header("Content-Length"), "(none)");
    const Fetched late = fetch_path("/continue");
    EXPECT_EQ(late.status, 201);
    EXPECT_EQ(late.body, "late");
    EXPECT_EQ(late.header("X-Early"), "(none)");
    EXPECT_EQ(late.header("X-Late"), "1");
    EXPECT_EQ(fetch_path("/204").status, 204);
}

TEST_F(CurlTransportTest, FollowsNoRedirectByItself) {
    const Fetched got = fetch_path("/redirect");
    EXPECT_EQ(got.status, 302);
    EXPECT_EQ(got.header("Location"), "http://169.254.169.254/latest");
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(CurlTransportTest, UsesAConnectionAgain) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(fetch_path("/echo").status, 200);
    EXPECT_EQ(server.connections(), 1);
}

// A name is refused by what it resolves to, at the moment of connecting.
TEST_F(CurlTransportTest, RefusesNamesOfAddressesThatAreNotNamed) {
    policy.addresses = {"10.0.0.0/8"};
    const Fetched got = fetch("http://localhost:" + std::to_string(server.port()) + "/echo");
    EXPECT_EQ(got.error, "this sandbox's policy allows no connection to http://localhost:" +
                             std::to_string(server.port()) + ", which has no public address");
    EXPECT_EQ(got.code, "ERR_FETCH_REFUSED");
    EXPECT_EQ(server.connections(), 0);
}

// A connection that another sandbox was allowed to make is no way around it.
TEST_F(CurlTransportTest, RefusesAConnectionThatIsUsedAgain) {
    const std::string url = "http://localhost:" + std::to_string(server.port()) + "/echo";
    EXPECT_EQ(fetch(url).status, 200);
    policy.addresses = {};
    start();
    const Fetched got = fetch(url);
    EXPECT_EQ(got.code, "ERR_FETCH_REFUSED");
    EXPECT_THAT(got.error, HasSubstr("has no public address"));
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(CurlTransportTest, ABombIsNotDecodedFurtherThanAllowed) {
    policy.max_response_bytes = 1 << 20;
    const Fetched got = fetch_path("/bomb");
    EXPECT_EQ(got.error, "the response is larger than 1 MiB, which is what this sandbox's policy allows");
    EXPECT_LE(got.body.size(), 1U << 20);
}

TEST_F(CurlTransportTest, AnEndlessBodyIsCutOff) {
    policy.max_response_bytes = 1 << 20;
    const Fetched got = fetch_path("/endless");
    EXPECT_THAT(got.error, HasSubstr("larger than 1 MiB"));
    EXPECT_EQ(got.code, "ERR_FETCH_REFUSED");
}

TEST_F(CurlTransportTest, NobodyReadsNothingComes) {
    const auto exchange = begin("/endless");
    ASSERT_TRUE(fetch::testing::head_of(*exchange));
    ASSERT_TRUE(fetch::testing::piece_of(*exchange));
    // The server is stuck in its send by now, or will be; the end of the session sets it free.
    session.reset();
    EXPECT_TRUE(exchange->cancelled());
}

TEST_F(CurlTransportTest, SlowOnesEndInTime) {
    policy.time_limit = 300ms;
    for (const std::string path : {"/silent", "/stuck"}) {
        const auto before = std::chrono::steady_clock::now();
        const Fetched got = fetch_path(path);
        EXPECT_EQ(got.code, "ETIMEDOUT") << path;
        EXPECT_LT(std::chrono::steady_clock::now() - before, 30s);
    }
}

TEST_F(CurlTransportTest, SaysWhatWentWrong) {
    EXPECT_EQ(fetch_path("/cut").code, "ECONNRESET");
    EXPECT_EQ(fetch_path("/nothing").code, "ECONNRESET");
    EXPECT_EQ(fetch_path("/garbage").code, "ERR_FETCH_PROTOCOL");
    EXPECT_THAT(fetch_path("/not-gzip").error, HasSubstr("not compressed as its head says"));
    EXPECT_THAT(fetch_path("/cut-gzip").error, HasSubstr("ends before its compression does"));
    EXPECT_EQ(fetch_path("/many-headers").code, "ERR_FETCH_REFUSED");
    EXPECT_EQ(fetch_path("/404").status, 404);
}

TEST_F(CurlTransportTest, SaysWhenNobodyListens) {
    std::uint16_t port = 0;
    {
        port = HttpServer([](const HttpRequest&, HttpConnection&) {}).port();
    }
    policy.origins = {"http://127.0.0.1:" + std::to_string(port), "http://name.invalid",
                      "https://127.0.0.1:" + std::to_string(server.port())};
    const Fetched refused = fetch("http://127.0.0.1:" + std::to_string(port));
    EXPECT_EQ(refused.code, "ECONNREFUSED");
    EXPECT_EQ(refused.error, "could not connect to http://127.0.0.1:" + std::to_string(port));
    const Fetched unknown = fetch("http://name.invalid/");
    EXPECT_EQ(unknown.code, "ENOTFOUND");
    policy.time_limit = 500ms;
    start();
    const Fetched no_tls = fetch("https://127.0.0.1:" + std::to_string(server.port()) + "/");
    EXPECT_EQ(no_tls.status, 0);
    EXPECT_NE(no_tls.error, "");
}

TEST_F(CurlTransportTest, TheEndOfTheInvocationEndsAll) {
    std::vector<std::future<std::string>> ends;
    for (int i = 0; i < 6; ++i) {
        auto promise = std::make_shared<std::promise<std::string>>();
        ends.push_back(promise->get_future());
        begin("/silent")->head([promise](const std::expected<FetchResponse, Failure>& head) {
            promise->set_value(head ? "responded" : head.error().message);
        });
    }
    session.reset();
    for (auto& end : ends) EXPECT_EQ(end.get(), "the invocation that fetched is over");
}

TEST_F(CurlTransportTest, ItsOwnEndFailsWhatGoesOn) {
    const auto exchange = begin("/silent");
    session.reset();
    transport.reset();
    EXPECT_TRUE(exchange->cancelled());
}

TEST_F(CurlTransportTest, TakesNoProxyFromTheEnvironment) {
    ::setenv("http_proxy", "http://127.0.0.1:9",
             1);                                     // NOLINT(concurrency-mt-unsafe): before the request's thread looks
    ::setenv("ALL_PROXY", "http://127.0.0.1:9", 1);  // NOLINT(concurrency-mt-unsafe)
    EXPECT_EQ(fetch_path("/echo").status, 200);
    ::unsetenv("http_proxy");  // NOLINT(concurrency-mt-unsafe)
    ::unsetenv("ALL_PROXY");   // NOLINT(concurrency-mt-unsafe)
}

TEST_F(CurlTransportTest, ManyAtOnce) {
    policy.max_requests = 200;
    policy.max_concurrent = 50;
    start();
    std::vector<std::shared_ptr<fetch::Exchange>> exchanges;
    for (int i = 0; i < 200; ++i) exchanges.push_back(begin("/echo"));
    for (const auto& exchange : exchanges) EXPECT_EQ(fetch::testing::read_all(*exchange).status, 200);
    EXPECT_LE(server.connections(), 64);
}

}  // namespace
}  // namespace curfew::transport
