// fetch() in handlers, against transports of the test's own: what the guest sees of the web's interface, and what of the policy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <curfew/curfew.h>
#include <curfew/fetch.h>

namespace curfew {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string lines_of(const std::vector<FetchHeader>& headers) {
    std::string text;
    for (const FetchHeader& header : headers) text += header.name + ": " + header.value + "\n";
    return text;
}

std::string last(const std::vector<std::string>& list) { return list.empty() ? "(none)" : list.back(); }

class FetchTest : public ::testing::Test {
  protected:
    FetchTest() { policy.origins = {"https://a.example", "https://b.example"}; }

    // Answers by the path; keeps what it was asked.
    std::shared_ptr<FetchTransport> transport() {
        return fetch_transport([this](FetchRequest request, FetchReply reply) {
            const std::string path = request.url.substr(request.origin.size());
            {
                const std::lock_guard lock(mutex);
                requests.push_back(request.method + " " + request.url);
                headers.push_back(lines_of(request.headers));
            }
            if (path == "/text") {
                reply.respond({.status = 201,
                               .status_text = "Made",
                               .headers = {{"X-A", "1"}, {"x-a", "2"}, {"X-Latin", "\xe9"}}});
                reply.finish("h\xc3\xa9llo");
            } else if (path == "/json") {
                reply.respond({.headers = {{"Content-Type", "application/json"}}});
                reply.finish(R"({"a":[1,2]})");
            } else if (path == "/echo") {
                threads.emplace_back([request = std::move(request), reply = std::move(reply)]() mutable {
                    std::string body;
                    while (request.body) {
                        char bytes[1000];
                        const auto piece = request.body->read(std::as_writable_bytes(std::span(bytes)));
                        if (piece.state == FetchBody::State::more) body.append(bytes, piece.size);
                        if (piece.state == FetchBody::State::waiting) request.body->wait();
                        if (piece.state == FetchBody::State::end || piece.state == FetchBody::State::failed) break;
                    }
                    reply.respond(
                        {.headers = {{"x-size", request.body_size ? std::to_string(*request.body_size) : "none"}}});
                    reply.finish(body);
                });
            } else if (path == "/large") {
                threads.emplace_back([reply = std::move(reply)]() mutable {
                    reply.respond({});
                    const std::string piece(100'000, 'x');
                    for (int i = 0; i < 50; ++i) reply.write_all(std::as_bytes(std::span(piece)));
                    reply.finish();
                });
            } else if (path.starts_with("/hops/")) {
                const int left = std::stoi(path.substr(6));
                if (left == 0) {
                    reply.respond({});
                    return reply.finish("there");
                }
                reply.respond({.status = 302, .headers = {{"location", "/hops/" + std::to_string(left - 1)}}});
                reply.finish();
            } else if (path.starts_with("/to/")) {
                reply.respond({.status = 307, .headers = {{"location", path.substr(4)}}});
                reply.finish();
            } else if (path == "/never") {
                const std::lock_guard lock(mutex);
                held.push_back(std::move(reply));
                changed.notify_all();
            } else if (path == "/stuck") {
                reply.respond({});
                (void)reply.write(std::as_bytes(std::span(std::string_view("some"))));
                const std::lock_guard lock(mutex);
                held.push_back(std::move(reply));
            } else if (path == "/fails") {
                reply.fail("could not connect to https://a.example", "ECONNREFUSED");
            } else if (path == "/breaks") {
                reply.respond({});
                (void)reply.write(std::as_bytes(std::span(std::string_view("some"))));
                reply.fail("https://a.example closed the connection", "ECONNRESET");
            } else {
                reply.respond({.status = 404, .status_text = "Not Found"});
                reply.finish();
            }
        });
    }
    ~FetchTest() override {
        for (std::thread& thread : threads) thread.join();
    }

    Result<LoadedSandbox> load(const std::string& body) {
        if (!made) made = transport();
        auto builder = SandboxBuilder().with_heap_size(64 << 20);
        if (given) builder.with_fetch(policy, made);
        auto proto = builder.build();
        if (!proto) return std::unexpected(proto.error());
        auto sandbox = std::move(*proto).load_runtime();
        if (!sandbox) return std::unexpected(sandbox.error());
        const std::string source = "export async function handler(event) {\n" + body + "\n}";
        if (auto added = sandbox->add_handler("h", Script::from_content(source)); !added)
            return std::unexpected(added.error());
        return std::move(*sandbox).load();
    }
    // What the handler's body returns, as JSON, or the error's message.
    std::string run(const std::string& body) {
        auto loaded = load(body);
        if (!loaded) return "not loaded: " + loaded.error().message;
        const auto done = loaded->handle_event("h", "null");
        return done ? done->result : done.error().message;
    }
    // What fetch of a URL fails with: both messages, and the code.
    std::string failure(const std::string& arguments) {
        return run("try { const r = await fetch(" + arguments +
                   "); await r.text(); return 'no error'; } catch (e) { return [e.name, e.message, e.cause?.message, "
                   "e.cause?.code]; }");
    }
    std::size_t wait_for_held(std::size_t count) {
        std::unique_lock lock(mutex);
        changed.wait_for(lock, 60s, [&] { return held.size() >= count; });
        return held.size();
    }

    FetchPolicy policy;
    bool given = true;
    std::shared_ptr<FetchTransport> made;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> requests;
    std::vector<std::string> headers;
    std::vector<FetchReply> held;
    std::vector<std::thread> threads;
};

TEST_F(FetchTest, GivesTheResponse) {
    EXPECT_EQ(run("const r = await fetch('https://a.example/text#x'); return [r.status, r.statusText, r.ok, r.url, "
                  "r.redirected, "
                  "r.headers.get('X-A'), r.headers.get('x-latin'), r instanceof Response, r.bodyUsed, await r.text(), "
                  "r.bodyUsed]"),
              R"([201,"Made",true,"https://a.example/text",false,"1, 2","é",true,false,"héllo",true])");
    EXPECT_EQ(run("return (await (await fetch('https://a.example/json')).json()).a"), "[1,2]");
    EXPECT_EQ(run("return (await (await fetch('https://a.example/text')).arrayBuffer()).byteLength"), "6");
    EXPECT_EQ(run("return [...(await (await fetch('https://a.example/text')).bytes())].slice(0, 3)"), "[104,195,169]");
    EXPECT_EQ(run("const r = await fetch('https://a.example/none'); return [r.ok, r.status, await r.text()]"),
              R"([false,404,""])");
    EXPECT_EQ(run("const r = await fetch('https://a.example/text'); const c = r.clone(); return [await r.text(), await "
                  "c.text(), c.url]"),
              R"(["héllo","héllo","https://a.example/text"])");
    EXPECT_EQ(run("return (await fetch(new Request('https://a.example/text', { headers: { 'x-mine': 'y' } }))).status"),
              "201");
    EXPECT_THAT(last(headers), HasSubstr("x-mine: y\n"));
    EXPECT_EQ(run("const r = await fetch('https://a.example/text'); await r.text(); try { await r.text(); } catch (e) "
                  "{ return e.name; }"),
              R"("TypeError")");
}

TEST_F(FetchTest, SendsBodies) {
    EXPECT_EQ(run("const r = await fetch('https://a.example/echo', { method: 'POST', body: 'h\xc3\xa9' }); "
                  "return [await r.text(), r.headers.get('x-size')]"),
              R"(["hé","3"])");
    EXPECT_THAT(last(headers), HasSubstr("content-type: text/plain;charset=UTF-8\n"));
    EXPECT_EQ(run("const r = await fetch('https://a.example/echo', { method: 'PUT', body: new Uint8Array([97, 98]), "
                  "headers: { a: 'b' } });"
                  "return await r.text()"),
              R"("ab")");
    EXPECT_EQ(run("const big = new Uint8Array(300000).fill(120); const r = await fetch('https://a.example/echo', { "
                  "method: 'POST', body: big }); "
                  "return (await r.text()).length"),
              "300000");
    EXPECT_EQ(run("const r = await fetch('https://a.example/echo', { method: 'post', body: new URLSearchParams({ a: '1 "
                  "2' }) }); "
                  "return await r.text()"),
              R"("a=1+2")");
    EXPECT_THAT(last(headers), HasSubstr("content-type: application/x-www-form-urlencoded;charset=UTF-8\n"));
    EXPECT_EQ(last(requests), "POST https://a.example/echo");
    EXPECT_THAT(failure("'https://a.example/echo', { method: 'GET', body: 'x' }"), HasSubstr("TypeError"));
}

TEST_F(FetchTest, StreamsTheResponse) {
    EXPECT_EQ(run("const r = await fetch('https://a.example/large'); let n = 0, pieces = 0;"
                  "for await (const chunk of r.body) { n += chunk.length; ++pieces; } return [n, pieces > 10]"),
              "[5000000,true]");
    EXPECT_EQ(run("const reader = (await fetch('https://a.example/large')).body.getReader(); const { value, done } = "
                  "await reader.read(); "
                  "await reader.cancel(); return [value.length > 0, done]"),
              "[true,false]");
}

TEST_F(FetchTest, RefusesWhatThePolicyForbids) {
    EXPECT_EQ(
        failure("'https://evil.example/'"),
        R"(["TypeError","fetch failed","this sandbox's policy allows no requests to https://evil.example","ERR_FETCH_REFUSED"])");
    EXPECT_THAT(failure("'http://169.254.169.254/latest/meta-data'"),
                HasSubstr("allows no requests to http://169.254.169.254"));
    policy.methods = {"GET"};
    EXPECT_THAT(failure("'https://a.example/text', { method: 'DELETE' }"), HasSubstr("does not allow the method"));
    EXPECT_THAT(failure("'https://a.example/text', { headers: { 'Proxy-Authorization': 'x' } }"),
                HasSubstr("cannot be set"));
    EXPECT_TRUE(requests.empty());
    policy.max_response_bytes = 1'000'000;
    EXPECT_THAT(failure("'https://a.example/large'"), HasSubstr("larger than 1000000 bytes"));
    policy.max_requests = 3;
    EXPECT_THAT(run("for (let i = 0; i < 3; ++i) await (await fetch('https://a.example/text')).text(); "
                    "try { await fetch('https://a.example/text'); } catch (e) { return e.cause.message; }"),
                HasSubstr("allows 3 requests in one invocation"));
}

TEST_F(FetchTest, SaysWhatWentWrong) {
    EXPECT_EQ(failure("'https://a.example/fails'"),
              R"(["TypeError","fetch failed","could not connect to https://a.example","ECONNREFUSED"])");
    EXPECT_THAT(failure("'https://a.example/breaks'"), HasSubstr("closed the connection"));
    EXPECT_THAT(failure("'not a url'"), HasSubstr("TypeError"));
    EXPECT_THAT(failure(""), HasSubstr("TypeError"));
}

TEST_F(FetchTest, FollowsRedirectsEachOfWhichIsChecked) {
    EXPECT_EQ(run("const r = await fetch('https://a.example/hops/3'); return [await r.text(), r.url, r.redirected]"),
              R"(["there","https://a.example/hops/0",true])");
    EXPECT_EQ(requests.size(), 4U);
    EXPECT_THAT(failure("'https://a.example/to/https://evil.example/'"),
                HasSubstr("no requests to https://evil.example"));
    EXPECT_THAT(failure("'https://a.example/to/http://127.0.0.1/'"), HasSubstr("no requests to http://127.0.0.1"));
    EXPECT_EQ(run("return (await fetch('https://a.example/hops/1', { redirect: 'manual' })).status"), "302");
    EXPECT_THAT(failure("'https://a.example/hops/1', { redirect: 'error' }"), HasSubstr("fetch failed"));
    policy.max_redirects = 2;
    EXPECT_EQ(run("return (await fetch('https://a.example/hops/2')).status"), "200");
    EXPECT_THAT(failure("'https://a.example/hops/3'"), HasSubstr("redirect count exceeded"));
}

TEST_F(FetchTest, CredentialsOfTheHostStayAtTheirOrigin) {
    policy.headers = {{"https://a.example", {{"authorization", "Bearer secret"}}}};
    EXPECT_EQ(
        run("const r = await fetch('https://a.example/to/https://b.example/text', { headers: { 'x-mine': '1' } }); "
            "return [r.status, JSON.stringify([...r.headers]).includes('secret')]"),
        "[201,false]");
    ASSERT_EQ(headers.size(), 2U);
    EXPECT_THAT(headers[0], HasSubstr("authorization: Bearer secret\n"));
    EXPECT_THAT(headers[1], ::testing::Not(HasSubstr("secret")));
    EXPECT_THAT(headers[1], HasSubstr("x-mine: 1\n"));
}

TEST_F(FetchTest, SignalsEndIt) {
    EXPECT_EQ(run("const c = new AbortController(); setTimeout(() => c.abort(), 1); "
                  "try { await fetch('https://a.example/never', { signal: c.signal }); } catch (e) { return e.name; }"),
              R"("AbortError")");
    ASSERT_EQ(wait_for_held(1), 1U);
    EXPECT_TRUE(held[0].cancelled());
    EXPECT_EQ(run("try { await fetch('https://a.example/never', { signal: AbortSignal.abort() }); } catch (e) { return "
                  "e.name; }"),
              R"("AbortError")");
    EXPECT_EQ(
        run("const c = new AbortController(); const r = await fetch('https://a.example/stuck', { signal: c.signal }); "
            "setTimeout(() => c.abort(), 1); try { await r.text(); } catch (e) { return e.name; }"),
        R"("AbortError")");
    EXPECT_EQ(run("try { await fetch('https://a.example/never', { signal: AbortSignal.timeout(1) }); } catch (e) { "
                  "return e.name; }"),
              R"("TimeoutError")");
}

TEST_F(FetchTest, EndsWithTheInvocation) {
    auto loaded = load(
        "if (event) { await fetch('https://a.example/never'); } else { fetch('https://a.example/never'); } return 1;");
    ASSERT_TRUE(loaded) << loaded.error().message;
    ASSERT_TRUE(loaded->handle_event("h", "null"));
    ASSERT_EQ(wait_for_held(1), 1U);
    EXPECT_TRUE(held[0].cancelled());
    const auto ended = loaded->handle_event("h", "1", WallClockMonitor(300ms));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "wall-clock");
    ASSERT_EQ(wait_for_held(2), 2U);
    EXPECT_TRUE(held[1].cancelled());
}

TEST_F(FetchTest, ManyAtOnce) {
    policy.max_requests = 200;
    EXPECT_EQ(run("const all = await Promise.all(Array.from({ length: 150 }, async () => (await "
                  "fetch('https://a.example/json')).json())); "
                  "return all.length"),
              "150");
}

TEST_F(FetchTest, WithoutItFetchSaysSo) {
    given = false;
    EXPECT_EQ(
        run("try { await fetch('https://a.example/'); } catch (e) { return [e.name, e.message]; }"),
        R"~(["TypeError","fetch failed: this sandbox has no way to the network; its host can give it one (SandboxBuilder::with_fetch)"])~");
}

TEST_F(FetchTest, ThePolicyIsChecked) {
    policy.origins = {"a.example"};
    const auto wrong = SandboxBuilder().with_fetch(policy, transport()).build();
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(wrong.error().message, HasSubstr("is no origin"));
    const auto none = SandboxBuilder().with_fetch(FetchPolicy(), nullptr).build();
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("no transport"));
}

TEST_F(FetchTest, GoesOnInASnapshot) {
    auto loaded = load("const r = await fetch('https://a.example/text'); return r.status;");
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto snapshot = loaded->snapshot();
    ASSERT_TRUE(snapshot);
    auto other = LoadedSandbox::from_snapshot(*snapshot);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_EQ(other->handle_event("h", "null")->result, "201");
}

// Whoever speaks to the host's module himself gets no further.
TEST_F(FetchTest, TheHostChecksWhateverTheGuestSays) {
    const auto direct = [&](const std::string& body) {
        return run(
            "const host = await import('host:curfew/fetch'); const out = []; const tried = async (f) => { try { "
            "out.push(await f()); } "
            "catch (e) { out.push(e.message); } }; " +
            body + " return out;");
    };
    EXPECT_THAT(
        direct("await tried(() => host.begin('GET', 'https://evil.example/', [], false, null)); "
               "await tried(() => host.begin('GET', 'https://a.example/', ['host', 'x'], false, null)); "
               "await tried(() => host.read(123)); await tried(() => host.end(-1)); await tried(() => host.close(1)); "
               "await tried(() => host.begin('GET', 'https://a.example/', ['a'], true, -5));"),
        ::testing::AllOf(HasSubstr("ERR_FETCH_REFUSED this sandbox's policy allows no requests"),
                         HasSubstr("cannot be set"), HasSubstr("ERR_FETCH_CLOSED")));
    EXPECT_THAT(direct("const id = host.begin('POST', 'https://a.example/never', [], true, null); "
                       "await tried(() => host.write(id, new Uint8Array(65537))); host.close(id); await tried(() => "
                       "host.head(id));"),
                ::testing::AllOf(HasSubstr("at most 64 KiB"), HasSubstr("ERR_FETCH_CLOSED")));
}

}  // namespace
}  // namespace curfew
