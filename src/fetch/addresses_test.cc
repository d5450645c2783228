// Which addresses count as public, whatever form they come in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <string>
#include <vector>

#include <curfew/fetch/addresses.h>

#include "fetch/ip_address.h"

namespace curfew::fetch {
namespace {

using ::testing::HasSubstr;

FetchAddresses naming(const std::vector<std::string>& named) {
    auto addresses = FetchAddresses::with(named);
    EXPECT_TRUE(addresses) << addresses.error().message;
    return addresses.value_or(FetchAddresses());
}

TEST(FetchAddressesTest, AllowsPublicOnes) {
    for (const std::string address : {"1.1.1.1",
                                      "8.8.8.8",
                                      "9.255.255.255",
                                      "11.0.0.0",
                                      "100.63.255.255",
                                      "100.128.0.0",
                                      "126.255.255.255",
                                      "128.0.0.0",
                                      "169.253.255.255",
                                      "172.15.255.255",
                                      "172.32.0.0",
                                      "192.167.255.255",
                                      "192.169.0.0",
                                      "198.17.255.255",
                                      "198.20.0.0",
                                      "223.255.255.255",
                                      "2606:4700:4700::1111",
                                      "2001:4860:4860::8888",
                                      "2001:200::1",
                                      "2a00::1",
                                      "3ffe::1",
                                      "3fff:1000::1",
                                      "::ffff:8.8.8.8",
                                      "64:ff9b::8.8.8.8"}) {
        EXPECT_TRUE(FetchAddresses().allow(address)) << address;
    }
}

TEST(FetchAddressesTest, RefusesAllOthers) {
    for (const std::string address :
         {"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
          "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
          "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "168.63.129.16", "224.0.0.1",
          "239.255.255.255", "240.0.0.1", "255.255.255.255",
          // IPv6: nobody's, loopback, link-local, of sites, private, multicast, discard, documentation, of segments.
          "::", "::1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1", "2001:db8::1",
          "3fff::1", "5f00::1", "4000::1",
          // IPv4 inside: mapped, compatible, translated, NAT64 (also of a site's own), Teredo, 6to4.
          "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::8.8.8.8",
          "::ffff:0:8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8",
          "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2002:7f00:1::1", "2002:808:808::1"}) {
        EXPECT_FALSE(FetchAddresses().allow(address)) << address;
    }
}

TEST(FetchAddressesTest, RefusesWhatIsNoAddress) {
    for (const std::string text : {"", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "8.8.8.8.", " 8.8.8.8",
                                   "8.8.8.8 ", "[2a00::1]", "2a00::1%eth0", "256.1.1.1", "1.1.1.1/8"}) {
        EXPECT_FALSE(FetchAddresses().allow(text)) << text;
    }
    EXPECT_FALSE(FetchAddresses().allow(std::string("8.8.8.8\0", 8)));
}

TEST(FetchAddressesTest, AllowsNamedOnes) {
    const FetchAddresses addresses = naming({"127.0.0.1", "10.1.0.0/17", "fd00::/8", "::1", "0.0.0.0/0"});
    EXPECT_TRUE(addresses.allow("127.0.0.1"));
    EXPECT_TRUE(addresses.allow("::ffff:127.0.0.1"));
    EXPECT_TRUE(addresses.allow("192.168.1.1"));
    EXPECT_TRUE(addresses.allow("::1"));
    EXPECT_TRUE(addresses.allow("fdff::1"));
    EXPECT_FALSE(addresses.allow("fe80::1"));
    EXPECT_FALSE(addresses.allow("::2"));
}

TEST(FetchAddressesTest, CountsTheBitsOfARange) {
    const FetchAddresses addresses = naming({"10.1.0.0/17", "fd00:8000::/17", "192.168.1.7"});
    EXPECT_TRUE(addresses.allow("10.1.127.255"));
    EXPECT_FALSE(addresses.allow("10.1.128.0"));
    EXPECT_FALSE(addresses.allow("10.2.0.0"));
    EXPECT_TRUE(addresses.allow("fd00:ffff::1"));
    EXPECT_FALSE(addresses.allow("fd00:7fff::1"));
    EXPECT_TRUE(addresses.allow("192.168.1.7"));
    EXPECT_FALSE(addresses.allow("192.168.1.8"));
}

TEST(FetchAddressesTest, SaysWhatIsNoRange) {
    for (const std::string text : {"", "localhost", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8 ",
                                   "fd00::/129", "10.0.0.0/8/8", "10.0.0/8", "10.0.0.0/99999999999"}) {
        const auto addresses = FetchAddresses::with(std::vector{text});
        ASSERT_FALSE(addresses) << text;
        EXPECT_EQ(addresses.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(addresses.error().message, HasSubstr("is no range of addresses"));
    }
}

TEST(FetchAddressesTest, TakesAddressesOfSockets) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(0x08080808);
    EXPECT_TRUE(FetchAddresses().allow(reinterpret_cast<const sockaddr*>(&v4)));
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_FALSE(FetchAddresses().allow(reinterpret_cast<const sockaddr*>(&v4)));
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    EXPECT_FALSE(FetchAddresses().allow(reinterpret_cast<const sockaddr*>(&v6)));
    EXPECT_TRUE(naming({"::1"}).allow(reinterpret_cast<const sockaddr*>(&v6)));
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    EXPECT_FALSE(naming({"0.0.0.0/0", "::/0"}).allow(reinterpret_cast<const sockaddr*>(&local)));
}

}  // namespace
}  // namespace curfew::fetch
