// Feeds bytes to what reads CBOR in the host: values, events before a cell sees them, and what guests say of errors. What one part
// takes, the others must be able to work with.
//
// With clang: -fsanitize=fuzzer,address builds a fuzzer of it (LLVMFuzzerTestOneInput). Without, it is a program that makes its
// inputs itself, the same for the same seed: cbor_fuzz [SECONDS [SEED]].
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <curfew/error_details.h>
#include <curfew/value.h>

#include "sandbox/error_description.h"
#include "sandbox/host/value_arguments.h"
#include "value/cbor_reader.h"
#include "value/testing/hostile_cbor.h"

namespace {

using namespace curfew;

std::string_view tried;

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "not so: %s; for the input", what);
    for (const char c : tried) std::fprintf(stderr, " %02x", static_cast<unsigned char>(c));
    std::fputc('\n', stderr);
    std::abort();
}

void try_input(std::string_view input) {
    tried = input;
    const bool is_checked = value::check_cbor(input, 200).has_value();
    const auto read = Value::from_cbor(input);
    if (read) {
        require(is_checked, "what is read passes the check");
        const auto written = read->to_cbor();
        require(written.has_value(), "what was read can be written");
        const auto again = Value::from_cbor(*written);
        require(again && *again == *read, "what was written is read as the same");
        if (const auto json = read->to_json(1 << 20))
            require(Value::from_json(*json).has_value() || json->size() > 1000, "JSON is read");
    } else {
        require(!read.error().message.empty(), "an error says what is wrong");
    }
    static_cast<void>(sandbox::read_error_description(input, nullptr));
    sandbox::ValueArguments arguments;
    static_cast<void>(arguments.read(input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try_input({reinterpret_cast<const char*>(data), size});
    return 0;
}

#ifndef CURFEW_LIBFUZZER
int main(int count, char** arguments) {
    const int seconds = count > 1 ? std::atoi(arguments[1]) : 2;
    const unsigned seed = count > 2 ? static_cast<unsigned>(std::atoi(arguments[2])) : 1;
    value::testing::HostileCbor hostile(seed);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    std::uint64_t inputs = 0;
    for (; std::chrono::steady_clock::now() < end; ++inputs) try_input(hostile.next());
    std::printf("%llu inputs\n", static_cast<unsigned long long>(inputs));
}
#endif
