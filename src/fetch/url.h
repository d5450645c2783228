// URLs of http and https, as guests give them.
#ifndef CURFEW_FETCH_URL_H
#define CURFEW_FETCH_URL_H

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "fetch/ip_address.h"

namespace curfew::fetch {

// What names the other side. Addresses are written in one way only, whatever the guest wrote.
struct Host {
    std::string text;                  // in lower case: a name, "192.0.2.1" or "[2001:db8::1]"
    std::optional<IpAddress> address;  // if it is one

    // A name of letters, digits, '-', '_' and '.', or an address. A host that ends in a number is an address of IPv4 in one of
    // the forms that the URL standard knows (0x7f.1, 2130706433, 0177.0.0.1), or refused. So is a name that ends in a dot. The
    // error says what is wrong, as the end of a sentence that starts with the host.
    static std::expected<Host, std::string> parse(std::string_view text);
};

// The port that a scheme has by itself; zero for other schemes than http and https.
std::uint16_t default_port(std::string_view scheme) noexcept;

// "https://example.com:8443", without the port if it is the scheme's own.
std::string origin_text(std::string_view scheme, std::string_view host, std::uint16_t port);

struct Url {
    static constexpr std::size_t kLongest = 16 << 10;

    std::string scheme;  // "http" or "https"
    Host host;
    std::uint16_t port;
    std::string target;  // path and query; starts with "/"

    std::string origin() const { return origin_text(scheme, host.text, port); }
    std::string text() const { return origin() + target; }

    // What a parser of URLs gives: absolute, in printable ASCII. A fragment is dropped; user information is refused. The error is a
    // sentence without its full stop.
    static std::expected<Url, std::string> parse(std::string_view text);
};

}  // namespace curfew::fetch

#endif
