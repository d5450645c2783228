// Every clock that a script of Node.js finds begins with its sandbox, and goes by steps.
#include <gtest/gtest.h>

#include <string>

#include <curfew/curfew.h>

namespace curfew {
namespace {

std::string result_of(std::string_view body, SideChannels side_channels = SideChannels::basic) {
    auto proto = SandboxBuilder().with_engine(Engine::node).with_side_channels(side_channels).build();
    EXPECT_TRUE(proto) << proto.error().message;
    auto sandbox = std::move(*proto).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content("function handler() {" + std::string(body) + "}")));
    auto loaded = std::move(*sandbox).load();
    EXPECT_TRUE(loaded) << loaded.error().message;
    const auto done = loaded->handle_event("main", "0");
    EXPECT_TRUE(done) << done.error().message;
    return done ? done->result : "";
}

// Different values, one after the other.
constexpr const char* kReadings = R"(
    function readings(read, count) {
        const all = [read()];
        while (all.length < count) {
            const next = read();
            if (next !== all.at(-1)) all.push(next);
        }
        return all;
    })";

TEST(ClocksOfNode, GoBySteps) {
    const std::string steps = std::string(kReadings) + R"(
        const isStep = (value) => Number.isInteger(value * 8);
        const hrtime = readings(() => process.hrtime.bigint(), 20);
        return [
            hrtime.slice(1).every((time, i) => (time - hrtime[i]) % 125000n === 0n),
            readings(() => { const [s, ns] = process.hrtime(); return s * 1e9 + ns; }, 5).every((time) => time % 125000 === 0),
            readings(() => performance.now(), 10).every(isStep),
            readings(() => performance.mark('m').startTime, 10).every(isStep),
            readings(() => performance.measure('m').duration, 10).every(isStep),
            readings(() => new Event('e').timeStamp, 10).every(isStep),
        ];)";
    EXPECT_EQ(result_of(steps), "[true,true,true,true,true,true]");
}

TEST(ClocksOfNode, GoByTicksWhereSideChannelsAreStrict) {
    const std::string steps = std::string(kReadings) + R"(
        const longEnough = (values) => values.slice(2).every((value, i) => value - values[i + 1] >= 0.875);
        return [
            longEnough(readings(() => Number(process.hrtime.bigint()) / 1e6, 6)),
            longEnough(readings(() => performance.mark('m').startTime, 6)),
            longEnough(readings(() => new Event('e').timeStamp, 6)),
        ];)";
    EXPECT_EQ(result_of(steps, SideChannels::strict), "[true,true,true]");
}

TEST(ClocksOfNode, BeginWithTheSandbox) {
    EXPECT_EQ(result_of(R"(
        const before = performance.now();
        const times = [performance.mark('m').startTime, performance.measure('n').duration, new Event('e').timeStamp,
                       performance.mark('o', { detail: 1 }).startTime, performance.measure('p', { start: 0 }).duration,
                       performance.measure('q', 'm').startTime];
        const after = performance.now();
        return times.map((time) => time >= before && time <= after);)"),
              "[true,true,true,true,true,true]");
}

TEST(ClocksOfNode, EndAtomicsWaitAsync) {
    EXPECT_EQ(result_of(R"(
        const shared = new Int32Array(new SharedArrayBuffer(4));
        const before = performance.now();
        setTimeout(() => {}, 100000);
        const waits = [Atomics.waitAsync(shared, 0, 0, 10), Atomics.waitAsync(shared, 0, 0, 5)];
        return Promise.all(waits.map(({ value }) => value)).then((all) => [all, performance.now() - before >= 9]);)"),
              R"([["timed-out","timed-out"],true])");
    EXPECT_EQ(result_of(R"(
        const shared = new Int32Array(new SharedArrayBuffer(4));
        const { value } = Atomics.waitAsync(shared, 0, 0, 100000);
        setTimeout(() => Atomics.notify(shared, 0), 1);
        return value;)"),
              R"("ok")");
}

TEST(ClocksOfNode, AreStillToldTimes) {
    EXPECT_EQ(result_of(R"(
        performance.mark('a', { startTime: 1.5, detail: 'x' });
        const { startTime, duration } = performance.measure('b', { start: 'a', end: 4, detail: 'y' });
        const refused = [];
        for (const use of [() => performance.mark(), () => performance.measure('c', 'none'),
                           () => performance.mark('d', { startTime: -1 })]) {
            try { use(); } catch (error) { refused.push(error.name); }
        }
        return [performance.getEntriesByName('a')[0].detail, startTime, duration,
                performance.getEntriesByName('b')[0].detail, refused];)"),
              R"(["x",1.5,2.5,"y",["TypeError","SyntaxError","TypeError"]])");
}

}  // namespace
}  // namespace curfew
