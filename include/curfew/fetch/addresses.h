// Which addresses of the network a sandbox's requests may reach.
#ifndef CURFEW_FETCH_ADDRESSES_H
#define CURFEW_FETCH_ADDRESSES_H

#include <curfew/language.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <curfew/error.h>
#include <curfew/export.h>

struct sockaddr;

namespace curfew {

namespace fetch {
struct IpAddress;
struct AddressRange;
}  // namespace fetch

// Public addresses, and those that were named. Not public are private, loopback, link-local, multicast, documentation and other
// special addresses of IANA's registries, 168.63.129.16 (where a cloud answers its machines), and of IPv6 all that is not global
// unicast, with Teredo and 6to4. An address of IPv4 that is mapped into IPv6 counts as what it is, and so does one behind
// NAT64's prefix 64:ff9b::/96.
//
// A value that is cheap to copy. All functions are thread-safe.
class CURFEW_EXPORT FetchAddresses {
  public:
    // No named ones.
    FetchAddresses();

    // Each is an address ("127.0.0.1", "::1") or a range ("10.0.0.0/8", "fd00::/8"). Fails with `invalid_argument` for another text.
    [[nodiscard]] static Result<FetchAddresses> with(std::span<const std::string> named);

    // Whether a connection to it may be made. False for what is no address of IPv4 or IPv6.
    [[nodiscard]] bool allow(const sockaddr* address) const noexcept;
    [[nodiscard]] bool allow(const fetch::IpAddress& address) const noexcept;

    // The same of an address as text: "127.0.0.1" or "::1". False for any other text, also a name.
    [[nodiscard]] bool allow(const std::string& address) const noexcept;

  private:
    std::shared_ptr<const std::vector<fetch::AddressRange>> named_;
};

}  // namespace curfew

#endif
