// One request that libcurl works on. Lives on the transport's thread.
#ifndef CURFEW_TRANSPORT_CURL_TRANSFER_H
#define CURFEW_TRANSPORT_CURL_TRANSFER_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/callback.h>
#include <curfew/curl_transport.h>

#include "transport/curl/decoder.h"
#include "transport/curl/libcurl.h"

namespace curfew::transport {

class Transfer {
  public:
    // `wake` may be called from any thread, at any time, also after the transfer has gone: go_on() is to be called then.
    Transfer(FetchRequest request, FetchReply reply, const CurlOptions& options, Callback<void()> wake);
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    CURL* handle() const noexcept { return easy_.get(); }

    // There is room or data again, or the request was given up. Not from within libcurl.
    void go_on();

    // libcurl is through with it.
    void done(CURLcode result);

    // It is of no use any more: everything was passed on, or nobody wants it.
    bool over() const noexcept { return over_; }

  private:
    struct EasyDeleter {
        void operator()(CURL* easy) const noexcept { libcurl().easy_cleanup(easy); }
    };
    struct ListDeleter {
        void operator()(curl_slist* list) const noexcept { libcurl().slist_free_all(list); }
    };

    // What libcurl calls.
    static std::size_t on_header(char* line, std::size_t one, std::size_t size, void* self);
    static std::size_t on_write(char* bytes, std::size_t one, std::size_t size, void* self);
    static std::size_t on_read(char* into, std::size_t one, std::size_t size, void* self);
    static int on_seek(void* self, curl_off_t offset, int origin);
    static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
    static int on_connected(void* self, char* remote, char* local, int remote_port, int local_port);

    void configure(const CurlOptions& options);
    void add_header(const std::string& name, std::string_view value);
    void configure_headers(const CurlOptions& options);
    void configure_body();
    bool take_header(std::string_view line);
    void respond();
    bool take_body(std::span<const std::byte> bytes);
    bool pass_on();
    bool decode_some();
    void finish_if_complete();
    void fail(std::string message, std::string code);

    FetchRequest request_;
    FetchReply reply_;
    Callback<void()> wake_;
    std::unique_ptr<CURL, EasyDeleter> easy_;
    std::unique_ptr<curl_slist, ListDeleter> headers_;

    // The request's body: what was sent, as long as it is short enough to be sent once more on another connection.
    static constexpr std::size_t kMostKept = 64 << 10;
    std::vector<std::byte> sent_;
    std::size_t sent_again_ = 0;  // of sent_; all of it, but after a connection was lost
    bool can_rewind_ = true;

    // The response.
    FetchResponse response_;
    std::uint64_t header_bytes_ = 0;
    bool responded_ = false;
    std::unique_ptr<Decoder> decoder_;
    std::uint64_t received_ = 0;
    std::vector<std::byte> pending_;  // as received, not decoded; libcurl is paused before it gives more
    std::size_t pending_first_ = 0;
    std::vector<std::byte> decoded_;  // not passed on yet
    std::size_t decoded_first_ = 0;

    bool paused_ = false;
    bool complete_ = false;  // everything was received
    bool over_ = false;

    bool address_refused_ = false;
    bool address_tried_ = false;

    std::optional<std::stop_callback<Callback<void()>>> on_stop_;  // last: it may call at once
};

}  // namespace curfew::transport

#endif
