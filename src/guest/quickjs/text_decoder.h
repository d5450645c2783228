// TextDecoder, as the WHATWG's Encoding Standard describes it. UTF-8 and UTF-16 are decoded here, all other encodings by the library.
#ifndef CURFEW_GUEST_RUNTIME_TEXT_DECODER_H
#define CURFEW_GUEST_RUNTIME_TEXT_DECODER_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Defines the class. False when memory runs out.
[[nodiscard]] bool install_text_decoder(JSContext* context, JSValueConst global);

}  // namespace curfew::guest

#endif
