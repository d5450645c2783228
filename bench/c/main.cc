// What a call costs through <curfew/c.h> beside one through C++, side by side in one process, by turns. As fast as it
// goes; with any argument, as it is without settings.
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

curfew::LoadedSandbox sandbox_of_cpp(bool spins) {
    auto builder = curfew::SandboxBuilder();
    if (spins) builder.with_wait_mode(curfew::WaitMode::spin);
    auto proto = builder.build();
    if (!proto) give_up(proto.error().message.c_str());
    auto sandbox = std::move(*proto).load_runtime();
    if (!sandbox || !sandbox->add_handler("one", curfew::Script::from_content(kSource))) give_up("no sandbox");
    auto loaded = std::move(*sandbox).load();
    if (!loaded) give_up(loaded.error().message.c_str());
    return std::move(*loaded);
}

curfew_loaded* sandbox_of_c(bool spins) {
    curfew_builder* builder = nullptr;
    curfew_proto* proto = nullptr;
    curfew_sandbox* sandbox = nullptr;
    curfew_loaded* loaded = nullptr;
    check(curfew_builder_new(&builder));
    check(curfew_builder_set_spinning(builder, spins ? 1 : 0));
    check(curfew_builder_build(builder, &proto));
    check(curfew_proto_load_runtime(proto, &sandbox));
    check(curfew_sandbox_add_handler(sandbox, "one", kSource, CURFEW_NUL_ENDED, nullptr));
    check(curfew_sandbox_load(sandbox, nullptr, &loaded));
    curfew_sandbox_free(sandbox);
    curfew_proto_free(proto);
    curfew_builder_free(builder);
    return loaded;
}

// Nanoseconds of each call.
template <typename Call>
void time_calls(const Call& call, std::vector<double>& times) {
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i) {
        call();
        const auto end = std::chrono::steady_clock::now();
        times.push_back(std::chrono::duration<double, std::nano>(end - begin).count());
        begin = end;
    }
}

double quantile(std::vector<double>& values, double part) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(values.size()) * part);
    std::ranges::nth_element(values, at);
    return *at;
}

}  // namespace

int main(int count, char**) {
    const bool spins = count == 1;
    curfew::LoadedSandbox cpp = sandbox_of_cpp(spins);
    curfew_loaded* const c = sandbox_of_c(spins);
    const curfew::CallOptions options{.collect_garbage = !spins};
    curfew_call_options c_options{};
    c_options.struct_size = sizeof c_options;
    c_options.leave_garbage = spins ? 1 : 0;
    std::vector<double> of_cpp, of_c;
    for (int round = 0; round < kRounds; ++round) {
        time_calls(
            [&] {
                if (!cpp.handle_event("one", "1", std::tuple{}, options)) give_up("a call failed");
            },
            of_cpp);
        time_calls(
            [&] {
                curfew_result* result = nullptr;
                check(curfew_loaded_call(c, "one", "1", 1, nullptr, &c_options, &result));
                curfew_result_free(result);
            },
            of_c);
    }
    // The first of both is what an undisturbed call takes, also on a machine that has other work.
    for (const double part : {0.1, 0.5}) {
        const double cpp_ns = quantile(of_cpp, part);
        const double c_ns = quantile(of_c, part);
        std::printf("%2.0f %% of calls take less than: C++ %.0f ns, C %.0f ns; C over C++: %.0f ns\n", part * 100,
                    cpp_ns, c_ns, c_ns - cpp_ns);
    }
    std::printf("(%d rounds of %d calls each, by turns%s)\n", kRounds, kCalls, spins ? ", spinning" : "");
    curfew_loaded_free(c);
    return EXIT_SUCCESS;
}
