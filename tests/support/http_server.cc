#include "support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <stdexcept>

namespace curfew::testing_support {

namespace {

// What was read of a connection and not used yet.
class Reader {
  public:
    explicit Reader(int socket) : socket_(socket) {}

    bool fill() {
        char bytes[16384];
        const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
        if (got <= 0) return false;
        kept_.append(bytes, static_cast<std::size_t>(got));
        return true;
    }
    bool until(std::string_view end, std::string& text) {
        std::size_t at = 0;
        while ((at = kept_.find(end)) == std::string::npos) {
            if (!fill()) return false;
        }
        text = kept_.substr(0, at);
        kept_.erase(0, at + end.size());
        return true;
    }
    bool exactly(std::size_t size, std::string& text) {
        while (kept_.size() < size) {
            if (!fill()) return false;
        }
        text.append(kept_, 0, size);
        kept_.erase(0, size);
        return true;
    }

  private:
    int socket_;
    std::string kept_;
};

std::string trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with('\r')) text.remove_suffix(1);
    return std::string(text);
}

bool read_chunks(Reader& reader, std::string& body) {
    for (;;) {
        std::string line;
        if (!reader.until("\r\n", line)) return false;
        const std::size_t size = std::strtoul(line.c_str(), nullptr, 16);
        if (size == 0) return reader.until("\r\n", line);
        if (!reader.exactly(size, body) || !reader.until("\r\n", line)) return false;
    }
}

bool read_request(Reader& reader, HttpRequest& request) {
    std::string head;
    if (!reader.until("\r\n\r\n", head)) return false;
    std::size_t at = head.find("\r\n");
    const std::string first = head.substr(0, at);
    const std::size_t space = first.find(' ');
    request.method = first.substr(0, space);
    request.target = first.substr(space + 1, first.rfind(' ') - space - 1);
    while (at != std::string::npos) {
        const std::size_t start = at + 2;
        at = head.find("\r\n", start);
        const std::string line = head.substr(start, at == std::string::npos ? at : at - start);
        const std::size_t colon = line.find(':');
        std::string name = line.substr(0, colon);
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        std::string& value = request.headers[name];
        value += (value.empty() ? "" : ", ") + trimmed(std::string_view(line).substr(colon + 1));
    }
    if (request.headers["transfer-encoding"] == "chunked") return read_chunks(reader, request.body);
    return reader.exactly(std::strtoul(request.headers["content-length"].c_str(), nullptr, 10), request.body);
}

}  // namespace

bool HttpConnection::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool HttpConnection::respond(int status, std::string_view headers, std::string_view body) const {
    return send("HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n" + std::string(headers) + "\r\n") &&
           (head_only_ || send(body));
}

void HttpConnection::wait_closed() const {
    char byte = 0;
    while (::recv(socket_, &byte, 1, 0) > 0) continue;
}

HttpServer::HttpServer(Handler handler, const char* address) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    ::inet_pton(AF_INET, address, &place.sin_addr);
    socklen_t size = sizeof place;
    if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&place), size) != 0 ||
        ::listen(listener_, 64) != 0 || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&place), &size) != 0) {
        throw std::runtime_error("the test's server does not start");
    }
    port_ = ntohs(place.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

HttpServer::~HttpServer() {
    {
        std::lock_guard lock(mutex_);
        ended_ = true;
        for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    }
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
}

std::vector<std::string> HttpServer::requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
}

int HttpServer::connections() const {
    std::lock_guard lock(mutex_);
    return static_cast<int>(threads_.size());
}

void HttpServer::accept_all() {
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        std::lock_guard lock(mutex_);
        if (ended_) {
            ::close(socket);
            return;
        }
        sockets_.push_back(socket);
        threads_.emplace_back([this, socket] { serve(socket); });
    }
}

void HttpServer::serve(int socket) {
    Reader reader(socket);
    HttpConnection connection(socket);
    while (!connection.closed()) {
        HttpRequest request;
        if (!read_request(reader, request)) break;
        {
            std::lock_guard lock(mutex_);
            requests_.push_back(request.method + " " + request.target);
        }
        connection.begin(request);
        handler_(request, connection);
    }
    std::lock_guard lock(mutex_);
    std::erase(sockets_, socket);
    ::close(socket);
}

}  // namespace curfew::testing_support
