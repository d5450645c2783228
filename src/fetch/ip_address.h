// Addresses of IPv4 and IPv6, ranges of them, and which of them are special.
#ifndef CURFEW_FETCH_IP_ADDRESS_H
#define CURFEW_FETCH_IP_ADDRESS_H

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <curfew/error.h>

struct sockaddr;

namespace curfew::fetch {

struct IpAddress {
    bool is_v6 = false;
    std::array<std::uint8_t, 16> bytes{};  // in the order of the network; of IPv4, the first four

    // As RFC 4291 and inet_pton have them: "192.0.2.1", "::1". Nothing else, such as a zone or other bases.
    static std::optional<IpAddress> parse(std::string_view text);
    static std::optional<IpAddress> of(const sockaddr* address) noexcept;
    static IpAddress v4(std::uint32_t number) noexcept;

    std::string text() const;

    friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

// The address of IPv4 that is reached by this one of IPv6: mapped (::ffff:0:0/96) or behind NAT64 (64:ff9b::/96).
std::optional<IpAddress> embedded_v4(const IpAddress& address) noexcept;

// Whether it is no address that anybody in the Internet has: see FetchAddresses. Of embedded ones, what they stand for.
bool is_special(const IpAddress& address) noexcept;

struct AddressRange {
    IpAddress first;
    unsigned prefix = 0;

    // "10.0.0.0/8", or an address alone.
    static Result<AddressRange> parse(std::string_view text);

    bool contains(const IpAddress& address) const noexcept;
};

}  // namespace curfew::fetch

#endif
