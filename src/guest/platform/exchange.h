// Messages: how the guest reads what the host sent, and answers. wire/mailbox.h has the protocol.
//
// The guest works on one message at a time. While it has the turn, the mailbox holds the host's message
// until stage() puts an answer over it; exchange() gives the turn to the host and comes back with the next
// message.  A snapshot of the cell is always taken inside exchange(), so what it comes back to may be a copy
// of the guest that left.
#ifndef CURFEW_GUEST_PLATFORM_EXCHANGE_H
#define CURFEW_GUEST_PLATFORM_EXCHANGE_H

#include "wire/mailbox.h"

namespace curfew::guest {

struct Bytes {
    const char* data = nullptr;
    size_t size = 0;
};

// A C string's bytes, without its end.
Bytes bytes_of(const char* text);

bool equals(Bytes text, const char* other);

// The mailbox itself.
inline wire::Mailbox& mailbox() { return *reinterpret_cast<wire::Mailbox*>(wire::kMailboxBase); }

// The host's message is a new request: from now on the guest's messages belong to it.
void accept_request();

// What the host's message is.
wire::MessageKind received_kind();

// What the guest sends.
struct Outgoing {
    wire::MessageKind kind;
    uint32_t flags = 0;
    uint32_t value = 0;
    Bytes name{};
    Bytes payload{};
};

// Puts a message into the mailbox, ready for exchange(). If the body needs more than one chunk, passes all
// but the last to the host. False when the host refused the body: then nothing is staged, and the guest has
// to say something else. Nothing of `message` is needed after it.
[[nodiscard]] bool stage(const Outgoing& message);

// Gives the turn to the host, and comes back when the host has given it back.
void exchange();

// Tells the host, in the middle of whatever is going on, that the heap's peak has passed the limit. Leaves the message in
// the mailbox and the window as they are.
void report_heap();

// Stages a message without a body, which cannot be refused.
void stage_empty(wire::MessageKind kind, uint32_t flags = 0, uint32_t value = 0);

// Tells the host that the guest cannot go on, and why. Never comes back.
[[noreturn]] void abort_guest(const char* why);

// The body of the message that the host sent.
class Body {
  public:
    Body() = default;
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;
    ~Body() { drop(); }

    // Receives the body, whole. A body of one chunk stays in the window, and is overwritten by the next
    // message, unless `keep` is set: then it is copied, with room for `extra` bytes behind it. False when
    // the heap cannot hold the body: then an answer that says so is staged.
    [[nodiscard]] bool receive(bool keep, size_t extra);

    // Gives the body's memory back. The names and payloads handed out before are gone.
    void drop();

    Bytes name() const { return {data_, name_size_}; }
    // Followed by a zero byte.
    Bytes payload() const { return {data_ + name_size_, size_ - name_size_}; }
    char* mutable_payload() { return data_ + name_size_; }

  private:
    char* data_ = nullptr;
    size_t name_size_ = 0;
    size_t size_ = 0;
    bool on_heap_ = false;
};

}  // namespace curfew::guest

#endif
