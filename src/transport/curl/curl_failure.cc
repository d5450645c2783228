#include "transport/curl/curl_failure.h"

#include <cerrno>

#include "transport/curl/libcurl.h"

namespace curfew::transport {

namespace {

const char* connect_code(long system_error) {
    switch (system_error) {
        case ETIMEDOUT: return "ETIMEDOUT";
        case EHOSTUNREACH: return "EHOSTUNREACH";
        case ENETUNREACH: return "ENETUNREACH";
        default: return "ECONNREFUSED";
    }
}

}  // namespace

CurlFailure describe(CURLcode error, long system_error, const std::string& origin) {
    switch (error) {
        case CURLE_COULDNT_RESOLVE_HOST: return {"the name of " + origin + " could not be resolved", "ENOTFOUND"};
        case CURLE_COULDNT_CONNECT: return {"could not connect to " + origin, connect_code(system_error)};
        case CURLE_OPERATION_TIMEDOUT:
            return {"the request to " + origin + " took longer than this sandbox's policy allows", "ETIMEDOUT"};
        case CURLE_PEER_FAILED_VERIFICATION:
            return {"the certificate of " + origin + " is not trusted", "ERR_TLS_CERT_UNTRUSTED"};
        case CURLE_SSL_CONNECT_ERROR: return {"no TLS connection to " + origin + " came about", "EPROTO"};
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
        case CURLE_GOT_NOTHING:
        case CURLE_PARTIAL_FILE:
        case CURLE_SEND_FAIL_REWIND: return {origin + " closed the connection", "ECONNRESET"};
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_BAD_CONTENT_ENCODING:
            return {"what " + origin + " sent is no response of HTTP", "ERR_FETCH_PROTOCOL"};
        default:
            return {"the request to " + origin + " failed: " + libcurl().easy_strerror(error), "ERR_FETCH_TRANSPORT"};
    }
}

}  // namespace curfew::transport
