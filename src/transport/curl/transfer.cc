#include "transport/curl/transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "base/ascii.h"
#include "base/quantity_text.h"
#include "transport/curl/curl_failure.h"

namespace curfew::transport {

namespace {

constexpr std::size_t kPiece = 16 << 10;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool has_header(const std::vector<FetchHeader>& headers, std::string_view name) {
    return std::ranges::any_of(headers,
                               [&](const FetchHeader& header) { return base::equal_ignoring_case(header.name, name); });
}

// Fails only where libcurl has no memory, or was built without what every build has.
template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
    if (const CURLcode error = libcurl().easy_setopt(easy, option, value); error != CURLE_OK) {
        throw std::runtime_error(std::string("libcurl cannot be used: ") + libcurl().easy_strerror(error));
    }
}

}  // namespace

Transfer::Transfer(FetchRequest request, FetchReply reply, const CurlOptions& options, Callback<void()> wake)
    : request_(std::move(request)), reply_(std::move(reply)), wake_(std::move(wake)), easy_(libcurl().easy_init()) {
    if (!easy_) throw std::runtime_error("libcurl has no memory for a request");
    configure(options);
    configure_headers(options);
    if (request_.body) configure_body();
    on_stop_.emplace(reply_.stop_token(), wake_);
}

Transfer::~Transfer() = default;

void Transfer::configure(const CurlOptions& options) {
    CURL* const easy = easy_.get();
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(request_.deadline - std::chrono::steady_clock::now());
    set(easy, CURLOPT_URL, request_.url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(easy, CURLOPT_PATH_AS_IS, 1L);
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(left.count(), 1)));
    set(easy, CURLOPT_PROXY, "");  // nor one that the environment names
    set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    if (!options.ca_file.empty()) set(easy, CURLOPT_CAINFO, options.ca_file.c_str());
#if LIBCURL_VERSION_NUM >= 0x075700
    set(easy, CURLOPT_QUICK_EXIT, 1L);  // does not wait for a name that is being resolved when nobody wants it any more
#endif
    if (request_.method == "HEAD") {
        set(easy, CURLOPT_NOBODY, 1L);
    } else {
        set(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    }
    set(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(easy, CURLOPT_HEADERDATA, this);
    set(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_write);
    set(easy, CURLOPT_WRITEDATA, this);
    // The address that a connection is made to, and the one of a connection that is used again.
    set(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open_socket);
    set(easy, CURLOPT_OPENSOCKETDATA, this);
    set(easy, CURLOPT_PREREQFUNCTION, &Transfer::on_connected);
    set(easy, CURLOPT_PREREQDATA, this);
}

// libcurl leaves a header with an empty value out, unless it ends in a semicolon.
void Transfer::add_header(const std::string& name, std::string_view value) {
    const std::string line = value.empty() ? name + ";" : (name + ": ").append(value);
    curl_slist* const longer = libcurl().slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) throw std::runtime_error("libcurl has no memory for a header");
    (void)headers_.release();
    headers_.reset(longer);
}

void Transfer::configure_headers(const CurlOptions& options) {
    for (const FetchHeader& header : request_.headers) add_header(header.name, header.value);
    if (!options.user_agent.empty() && !has_header(request_.headers, "user-agent")) {
        add_header("User-Agent", options.user_agent);
    }
    add_header("Accept-Encoding", "gzip, deflate");
    // A request that usually has a body says that it has none.
    const bool usually_has_body = request_.method == "POST" || request_.method == "PUT" || request_.method == "PATCH";
    if (usually_has_body && !request_.body) add_header("Content-Length", "0");
    if (request_.body) {
        curl_slist* const longer = libcurl().slist_append(headers_.get(), "Expect:");  // does not ask first
        if (longer == nullptr) throw std::runtime_error("libcurl has no memory for a header");
        (void)headers_.release();
        headers_.reset(longer);
    }
    set(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
}

void Transfer::configure_body() {
    CURL* const easy = easy_.get();
    set(easy, CURLOPT_UPLOAD, 1L);
    set(easy, CURLOPT_READFUNCTION, &Transfer::on_read);
    set(easy, CURLOPT_READDATA, this);
    set(easy, CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
    set(easy, CURLOPT_SEEKDATA, this);
    if (request_.body_size) set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(*request_.body_size));
}

void Transfer::fail(std::string message, std::string code) {
    reply_.fail(std::move(message), std::move(code));
    over_ = true;
}

// --- Connections ---

curl_socket_t Transfer::on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (purpose != CURLSOCKTYPE_IPCXN || !transfer.request_.addresses.allow(&address->addr)) {
        transfer.address_refused_ = true;
        return CURL_SOCKET_BAD;
    }
    transfer.address_tried_ = true;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int Transfer::on_connected(void* self, char* remote, char* /*local*/, int /*remote_port*/, int /*local_port*/) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.request_.addresses.allow(std::string(remote))) return CURL_PREREQFUNC_OK;
    transfer.address_refused_ = true;
    transfer.address_tried_ = false;
    return CURL_PREREQFUNC_ABORT;
}

// --- The request's body ---

std::size_t Transfer::on_read(char* into, std::size_t one, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::span<std::byte> room(reinterpret_cast<std::byte*>(into), one * size);
    if (transfer.sent_again_ < transfer.sent_.size()) {
        const std::size_t again = std::min(room.size(), transfer.sent_.size() - transfer.sent_again_);
        std::copy_n(transfer.sent_.begin() + static_cast<std::ptrdiff_t>(transfer.sent_again_), again, room.begin());
        transfer.sent_again_ += again;
        return again;
    }
    const FetchBody::Piece piece = transfer.request_.body->read(room);
    switch (piece.state) {
        case FetchBody::State::waiting:
            transfer.request_.body->on_ready(transfer.wake_);
            transfer.paused_ = true;
            return CURL_READFUNC_PAUSE;
        case FetchBody::State::end: return 0;
        case FetchBody::State::failed: return CURL_READFUNC_ABORT;
        case FetchBody::State::more: break;
    }
    if (transfer.can_rewind_ && transfer.sent_.size() + piece.size <= kMostKept) {
        transfer.sent_.insert(transfer.sent_.end(), room.begin(),
                              room.begin() + static_cast<std::ptrdiff_t>(piece.size));
        transfer.sent_again_ = transfer.sent_.size();
    } else {
        transfer.can_rewind_ = false;
        transfer.sent_ = {};
        transfer.sent_again_ = 0;
    }
    return piece.size;
}

int Transfer::on_seek(void* self, curl_off_t offset, int origin) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (offset != 0 || origin != SEEK_SET || !transfer.can_rewind_) return CURL_SEEKFUNC_FAIL;
    transfer.sent_again_ = 0;
    return CURL_SEEKFUNC_OK;
}

// --- The response's head ---

std::size_t Transfer::on_header(char* line, std::size_t one, std::size_t size, void* self) {
    const std::string_view text(line, one * size);
    return static_cast<Transfer*>(self)->take_header(text) ? text.size() : 0;
}

// A line of the head, or of one that comes before it (100 Continue), or of what follows the body. False: enough of it.
bool Transfer::take_header(std::string_view line) {
    if (responded_) return true;
    header_bytes_ += line.size();
    // Somewhat more than the names and values have.
    if (header_bytes_ > 2 * request_.max_header_bytes + kPiece) {
        fail("the response's headers are larger than this sandbox's policy allows", "ERR_FETCH_REFUSED");
        return false;
    }
    if (line.starts_with("HTTP/")) {
        response_ = {};
        const auto space = line.find(' ');
        std::string_view rest = space == std::string_view::npos ? "" : line.substr(space + 1);
        std::from_chars(rest.data(), rest.data() + rest.size(), response_.status);
        const auto behind = rest.find(' ');
        response_.status_text = behind == std::string_view::npos ? "" : trimmed(rest.substr(behind));
        return true;
    }
    const std::string_view text = trimmed(line);
    if (text.empty()) {
        if (response_.status >= 200) respond();
        return true;
    }
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        response_.headers.push_back({std::string(text.substr(0, colon)), std::string(trimmed(text.substr(colon + 1)))});
    }
    return true;
}

// What is decoded here is passed on as if it had come so.
void Transfer::respond() {
    responded_ = true;
    std::string_view coding;
    for (const FetchHeader& header : response_.headers) {
        if (base::equal_ignoring_case(header.name, "content-encoding")) coding = header.value;
    }
    const bool has_body = request_.method != "HEAD" && response_.status != 204 && response_.status != 304;
    if (has_body && !coding.empty()) decoder_ = Decoder::of(coding);
    if (decoder_) {
        std::erase_if(response_.headers, [](const FetchHeader& header) {
            return base::equal_ignoring_case(header.name, "content-encoding") ||
                   base::equal_ignoring_case(header.name, "content-length");
        });
    }
    reply_.respond(std::move(response_));
}

// --- The response's body ---

std::size_t Transfer::on_write(char* bytes, std::size_t one, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::size_t length = one * size;
    if (transfer.reply_.cancelled() || transfer.over_) return length == 0 ? 1 : 0;
    if (!transfer.pending_.empty() || !transfer.decoded_.empty()) {
        transfer.paused_ = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    return transfer.take_body({reinterpret_cast<const std::byte*>(bytes), length}) ? length : (length == 0 ? 1 : 0);
}

bool Transfer::take_body(std::span<const std::byte> bytes) {
    received_ += bytes.size();
    if (received_ > request_.max_response_bytes) {
        fail("the response is larger than " + base::size_text(request_.max_response_bytes) +
                 ", which is what this sandbox's policy allows",
             "ERR_FETCH_REFUSED");
        return false;
    }
    pending_.assign(bytes.begin(), bytes.end());
    pending_first_ = 0;
    return pass_on();
}

// Passes on what was received, as far as there is room. False: it cannot be decoded, and that was said.
bool Transfer::pass_on() {
    for (;;) {
        if (decoded_first_ < decoded_.size()) {
            decoded_first_ += reply_.write(std::span(decoded_).subspan(decoded_first_));
            if (decoded_first_ < decoded_.size()) {
                reply_.on_room(wake_);
                return true;
            }
        }
        decoded_.clear();
        decoded_first_ = 0;
        if (pending_first_ == pending_.size()) {
            pending_.clear();
            pending_first_ = 0;
            return true;
        }
        if (!decoder_) {
            decoded_.swap(pending_);
            pending_.clear();
        } else if (!decode_some()) {
            return false;
        }
    }
}

bool Transfer::decode_some() {
    decoded_.resize(kPiece);
    const auto step = decoder_->decode(std::span(pending_).subspan(pending_first_), decoded_);
    decoded_.resize(step.made);
    pending_first_ += step.taken;
    if (step.failed || (step.taken == 0 && step.made == 0)) {
        fail("the response's body is not compressed as its head says", "ERR_FETCH_PROTOCOL");
        return false;
    }
    return true;
}

// --- On and to the end ---

void Transfer::go_on() {
    if (over_) return;
    if (reply_.cancelled()) {
        over_ = true;
        return;
    }
    if (!pass_on()) return;
    if (!pending_.empty() || !decoded_.empty()) return;
    if (complete_) {
        finish_if_complete();
    } else if (std::exchange(paused_, false)) {
        libcurl().easy_pause(easy_.get(), CURLPAUSE_CONT);
    }
}

void Transfer::finish_if_complete() {
    if (!pending_.empty() || !decoded_.empty()) return;  // go_on() comes back
    if (decoder_ && !decoder_->complete()) {
        fail("the response's body ends before its compression does", "ERR_FETCH_PROTOCOL");
        return;
    }
    reply_.finish();
    over_ = true;
}

void Transfer::done(CURLcode result) {
    if (over_) return;
    if (result == CURLE_OK) {
        complete_ = true;
        finish_if_complete();
        return;
    }
    if (address_refused_ && !address_tried_) {
        fail("this sandbox's policy allows no connection to " + request_.origin + ", which has no public address",
             "ERR_FETCH_REFUSED");
        return;
    }
    long system_error = 0;
    libcurl().easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &system_error);
    auto [message, code] = describe(result, system_error, request_.origin);
    fail(std::move(message), std::move(code));
}

}  // namespace curfew::transport
