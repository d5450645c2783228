// What is decoded, in steps of any size, and what is not.
#include "transport/curl/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace curfew::transport {
namespace {

enum class Form { gzip, zlib, raw };

std::string compressed(std::string_view text, Form form) {
    z_stream stream{};
    const int window = form == Form::gzip ? MAX_WBITS + 16 : form == Form::zlib ? MAX_WBITS : -MAX_WBITS;
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string made(deflateBound(&stream, text.size()) + 100, '\0');
    std::string copy(text);
    stream.next_in = reinterpret_cast<Bytef*>(copy.data());
    stream.avail_in = static_cast<uInt>(copy.size());
    stream.next_out = reinterpret_cast<Bytef*>(made.data());
    stream.avail_out = static_cast<uInt>(made.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    made.resize(stream.total_out);
    deflateEnd(&stream);
    return made;
}

struct Decoded {
    std::string text;
    bool failed = false;
    bool complete = false;
};

Decoded decode(std::string_view coding, std::string_view input, std::size_t piece, std::size_t room) {
    const auto decoder = Decoder::of(coding);
    Decoded result;
    std::vector<std::byte> output(room);
    while (!input.empty()) {
        std::string_view now = input.substr(0, piece);
        input.remove_prefix(now.size());
        for (;;) {
            const auto step = decoder->decode(std::as_bytes(std::span(now)), output);
            if (step.failed) {
                result.failed = true;
                return result;
            }
            result.text.append(reinterpret_cast<const char*>(output.data()), step.made);
            now.remove_prefix(step.taken);
            if (step.taken == 0 && step.made == 0) break;
        }
    }
    result.complete = decoder->complete();
    return result;
}

std::string sample() {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
    return text;
}

TEST(DecoderTest, DecodesInStepsOfAnySize) {
    const std::string text = sample();
    for (const std::size_t piece : {1UL, 7UL, 1000UL, 1UL << 20}) {
        for (const std::size_t room : {1UL, 100UL, 16384UL}) {
            if (piece == 1 && room == 1) continue;
            EXPECT_EQ(decode("gzip", compressed(text, Form::gzip), piece, room).text, text);
            EXPECT_EQ(decode("deflate", compressed(text, Form::zlib), piece, room).text, text);
            const Decoded raw = decode("Deflate", compressed(text, Form::raw), piece, room);
            EXPECT_EQ(raw.text, text);
            EXPECT_TRUE(raw.complete);
        }
    }
}

TEST(DecoderTest, SeveralFilesAreOneBody) {
    const std::string two = compressed("abc", Form::gzip) + compressed("def", Form::gzip);
    EXPECT_EQ(decode("x-gzip", two, 5, 100).text, "abcdef");
    EXPECT_EQ(decode("gzip", two + std::string(10, '\0'), 1000, 100).text, "abcdef");
}

TEST(DecoderTest, KnowsWhenSomethingIsMissing) {
    const std::string whole = compressed(sample(), Form::gzip);
    EXPECT_TRUE(decode("gzip", whole, 1000, 1000).complete);
    EXPECT_FALSE(decode("gzip", whole.substr(0, whole.size() / 2), 1000, 1000).complete);
    EXPECT_TRUE(decode("gzip", "", 1, 1).complete);
}

TEST(DecoderTest, RefusesWhatIsNotCompressed) {
    EXPECT_TRUE(decode("gzip", "hello, this is plain text", 100, 100).failed);
    EXPECT_TRUE(decode("deflate", "\xff\xff\xff\xff\xff\xff", 100, 100).failed);
    std::string broken = compressed(sample(), Form::gzip);
    broken[broken.size() / 2] = static_cast<char>(~broken[broken.size() / 2]);
    EXPECT_TRUE(decode("gzip", broken, 1000, 1000).failed);
}

TEST(DecoderTest, KnowsItsCodings) {
    for (const std::string_view coding : {"", "br", "identity", "gzip, gzip", "zstd", "gzi"})
        EXPECT_EQ(Decoder::of(coding), nullptr);
    EXPECT_NE(Decoder::of("GZIP"), nullptr);
}

// A megabyte of nothing in a kilobyte comes out piece by piece.
TEST(DecoderTest, MakesNoMoreThanThereIsRoomFor) {
    const std::string bomb = compressed(std::string(1 << 20, '\0'), Form::gzip);
    EXPECT_LT(bomb.size(), 2000U);
    const auto decoder = Decoder::of("gzip");
    std::vector<std::byte> output(4096);
    const auto step = decoder->decode(std::as_bytes(std::span(bomb)), output);
    EXPECT_EQ(step.made, 4096U);
    EXPECT_LT(step.taken, bomb.size());
}

}  // namespace
}  // namespace curfew::transport
