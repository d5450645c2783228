// TextEncoder and TextDecoder, as the WHATWG's Encoding Standard describes them, for UTF-8 and UTF-16LE.
#ifndef CURFEW_GUEST_RUNTIME_TEXT_CODEC_H
#define CURFEW_GUEST_RUNTIME_TEXT_CODEC_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Defines both classes. False when memory runs out.
[[nodiscard]] bool install_text_codecs(JSContext* context, JSValueConst global);

}  // namespace curfew::guest

#endif
