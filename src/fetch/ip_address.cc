#include "fetch/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/error.h"
#include "base/text.h"

namespace curfew::fetch {

namespace {

struct V4Range {
    std::uint32_t first;
    unsigned prefix;
};

// IANA's registry of special-purpose addresses, but for those that it calls globally reachable, with multicast.
constexpr V4Range kSpecialV4[] = {
    {0x00000000, 8},   // this network
    {0x0a000000, 8},   // private
    {0x64400000, 10},  // shared by customers of a carrier
    {0x7f000000, 8},   // loopback
    {0xa9fe0000, 16},  // link-local, where clouds describe their machines
    {0xac100000, 12},  // private
    {0xc0000000, 24},  // of protocols
    {0xc0000200, 24},  // documentation
    {0xc0586300, 24},  // relays of 6to4
    {0xc0a80000, 16},  // private
    {0xc6120000, 15},  // benchmarks
    {0xc6336400, 24},  // documentation
    {0xcb007100, 24},  // documentation
    {0xa83f8110, 32},  // a cloud's own, in every machine of it
    {0xe0000000, 4},   // multicast
    {0xf0000000, 4},   // reserved, and broadcast
};

struct V6Range {
    std::uint16_t first[2];
    unsigned prefix;
};

// What is special within 2000::/3; all outside of it is.
constexpr V6Range kSpecialV6[] = {
    {{0x2001, 0x0000}, 23},  // of protocols, Teredo among them
    {{0x2001, 0x0db8}, 32},  // documentation
    {{0x2002, 0x0000}, 16},  // 6to4
    {{0x3fff, 0x0000}, 20},  // documentation
};

std::uint32_t number(const std::uint8_t* bytes) noexcept {
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

constexpr std::uint32_t mask(unsigned prefix) noexcept { return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix); }

bool starts_with(const IpAddress& address, std::initializer_list<std::uint8_t> bytes) noexcept {
    return std::equal(bytes.begin(), bytes.end(), address.bytes.begin());
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.size() >= INET6_ADDRSTRLEN || text.contains('\0')) return std::nullopt;
    const std::string copy(text);
    IpAddress address;
    if (::inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) return address;
    address.is_v6 = true;
    if (::inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

std::optional<IpAddress> IpAddress::of(const sockaddr* address) noexcept {
    IpAddress made;
    if (address == nullptr) return std::nullopt;
    if (address->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, address, sizeof v4);
        std::memcpy(made.bytes.data(), &v4.sin_addr, 4);
        return made;
    }
    if (address->sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, address, sizeof v6);
        std::memcpy(made.bytes.data(), &v6.sin6_addr, 16);
        made.is_v6 = true;
        return made;
    }
    return std::nullopt;
}

IpAddress IpAddress::v4(std::uint32_t number) noexcept {
    IpAddress address;
    for (unsigned i = 0; i < 4; ++i) address.bytes[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    return address;
}

std::string IpAddress::text() const {
    char text[INET6_ADDRSTRLEN];
    return ::inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
}

std::optional<IpAddress> embedded_v4(const IpAddress& address) noexcept {
    if (!address.is_v6) return std::nullopt;
    const bool mapped = starts_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff});
    const bool nat64 = starts_with(address, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0});
    if (!mapped && !nat64) return std::nullopt;
    return IpAddress::v4(number(address.bytes.data() + 12));
}

bool is_special(const IpAddress& address) noexcept {
    if (const auto inner = embedded_v4(address)) return is_special(*inner);
    const std::uint32_t start = number(address.bytes.data());
    if (!address.is_v6) {
        return std::ranges::any_of(
            kSpecialV4, [&](const V4Range& range) { return ((start ^ range.first) & mask(range.prefix)) == 0; });
    }
    if ((address.bytes[0] & 0xe0) != 0x20) return true;
    return std::ranges::any_of(kSpecialV6, [&](const V6Range& range) {
        const std::uint32_t first = std::uint32_t{range.first[0]} << 16 | range.first[1];
        return ((start ^ first) & mask(range.prefix)) == 0;
    });
}

Result<AddressRange> AddressRange::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    const auto wrong = [&](std::string_view what) {
        return base::fail(ErrorCode::invalid_argument,
                          base::in_quotes(text) + " is no range of addresses: " + std::string(what) +
                              ". Give one as \"127.0.0.1\", \"10.0.0.0/8\" or \"fd00::/8\"");
    };
    if (!address) return wrong("no address of IPv4 or IPv6 stands at its start");
    const unsigned bits = address->is_v6 ? 128 : 32;
    AddressRange range{.first = *address, .prefix = bits};
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), range.prefix);
        if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || range.prefix > bits) {
            return wrong("after the slash stands the number of bits that count, up to " + std::to_string(bits));
        }
    }
    return range;
}

bool AddressRange::contains(const IpAddress& address) const noexcept {
    if (address.is_v6 != first.is_v6) return false;
    for (unsigned bit = 0; bit < prefix; bit += 8) {
        const unsigned left = std::min(prefix - bit, 8U);
        const auto counted = static_cast<std::uint8_t>(0xff << (8 - left));
        if (((address.bytes[bit / 8] ^ first.bytes[bit / 8]) & counted) != 0) return false;
    }
    return true;
}

}  // namespace curfew::fetch
