// What a call costs through <curfew/c.h> beside one through C++, side by side in one process, by turns: medians over rounds of calls.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <curfew/c.h>
#include <curfew/curfew.h>

namespace {

constexpr int kRounds = 200;
constexpr int kCalls = 500;
constexpr const char* kSource = "export function handler() { return 1 }";

[[noreturn]] void give_up(const char* why) {
    std::fprintf(stderr, "%s\n", why);
    std::exit(EXIT_FAILURE);
}

void check(curfew_error* error) {
    if (error != nullptr) give_up(curfew_error_message(error, nullptr));
}

curfew::LoadedSandbox sandbox_of_cpp() {
    auto proto = curfew::SandboxBuilder().with_wait_mode(curfew::WaitMode::spin).build();
    if (!proto) give_up(proto.error().message.c_str());
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox || !sandbox->add_handler("one", curfew::Script::from_content(kSource))) give_up("no sandbox");
    auto loaded = std::move(*sandbox).load();
    if (!loaded) give_up(loaded.error().message.c_str());
    return std::move(*loaded);
}

curfew_loaded* sandbox_of_c() {
    curfew_builder* builder = nullptr;
    curfew_proto* proto = nullptr;
    curfew_sandbox* sandbox = nullptr;
    curfew_loaded* loaded = nullptr;
    check(curfew_builder_new(&builder));
    check(curfew_builder_set_spinning(builder, 1));
    check(curfew_builder_build(builder, &proto));
    check(curfew_proto_load_runtime(proto, &sandbox));
    check(curfew_sandbox_add_handler(sandbox, "one", kSource, CURFEW_NUL_ENDED, nullptr));
    check(curfew_sandbox_load(sandbox, nullptr, &loaded));
    curfew_sandbox_free(sandbox);
    curfew_proto_free(proto);
    curfew_builder_free(builder);
    return loaded;
}

template <typename Call>
double nanoseconds_each(const Call& call) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i) call();
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / kCalls;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

}  // namespace

int main() {
    curfew::LoadedSandbox cpp = sandbox_of_cpp();
    curfew_loaded* const c = sandbox_of_c();
    const curfew::CallOptions options{.collect_garbage = false};
    const curfew_call_options c_options{
        .struct_size = sizeof(curfew_call_options), .leave_garbage = 1, .count_pages = 0, .context = nullptr};
    std::vector<double> of_cpp, of_c;
    for (int round = 0; round < kRounds; ++round) {
        of_cpp.push_back(nanoseconds_each([&] {
            if (!cpp.handle_event("one", "1", std::tuple{}, options)) give_up("a call failed");
        }));
        of_c.push_back(nanoseconds_each([&] {
            curfew_result* result = nullptr;
            check(curfew_loaded_call(c, "one", "1", 1, nullptr, &c_options, &result));
            curfew_result_free(result);
        }));
    }
    std::printf("a call, C++: %.0f ns; C: %.0f ns; C over C++: %.0f ns (medians of %d rounds of %d calls, spinning)\n",
                median(of_cpp), median(of_c), median(of_c) - median(of_cpp), kRounds, kCalls);
    curfew_loaded_free(c);
    return EXIT_SUCCESS;
}
