// Against the examples of FIPS 180-4 and RFC 4231.
#include "base/sha256.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace curfew::base {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string hex(const Sha256::Digest& digest) {
    std::string text;
    for (const std::byte byte : digest) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
        text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
    }
    return text;
}

std::string hmac(std::string_view key, std::string_view text) {
    HmacSha256 hmac(bytes_of(key));
    hmac.add(bytes_of(text));
    return hex(hmac.finish());
}

TEST(Sha256, Examples) {
    const auto hash = [](std::string_view text) { return hex(Sha256::of(bytes_of(text))); };
    EXPECT_EQ(hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hash(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesOfAnyLengthMakeOneText) {
    const std::string text(300, 'x');
    const std::string whole = hex(Sha256::of(bytes_of(text)));
    for (std::size_t first = 0; first <= 130; ++first) {
        for (const std::size_t second :
             {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{64}, 300 - first}) {
            if (first + second > text.size()) continue;
            Sha256 hash;
            hash.add(bytes_of(text).first(first));
            hash.add(bytes_of(text).subspan(first, second));
            hash.add(bytes_of(text).subspan(first + second));
            EXPECT_EQ(hex(hash.finish()), whole) << first << ", " << second;
        }
    }
}

TEST(HmacSha256, ExamplesOfRfc4231) {
    std::string ascending;
    for (char c = 1; c <= 25; ++c) ascending += c;
    EXPECT_EQ(hmac(std::string(20, '\x0b'), "Hi There"),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hmac("Jefe", "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hmac(std::string(20, '\xaa'), std::string(50, '\xdd')),
              "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    EXPECT_EQ(hmac(ascending, std::string(50, '\xcd')),
              "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    EXPECT_EQ(hmac(std::string(20, '\x0c'), "Test With Truncation").substr(0, 32), "a3b6167473100ee06e0c796c2955552b");
    EXPECT_EQ(hmac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(
        hmac(std::string(131, '\xaa'),
             "This is a test using a larger than block-size key and a larger than block-size data. The key needs to "
             "be hashed before being used by the HMAC algorithm."),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(Sha256, DigestsAreCompared) {
    const Sha256::Digest one = Sha256::of(bytes_of("one"));
    EXPECT_TRUE(equal_in_constant_time(one, one));
    for (std::size_t i = 0; i < one.size(); ++i) {
        Sha256::Digest other = one;
        other[i] ^= std::byte{1};
        EXPECT_FALSE(equal_in_constant_time(one, other)) << i;
    }
}

}  // namespace
}  // namespace curfew::base
