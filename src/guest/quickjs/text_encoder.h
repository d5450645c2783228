// TextEncoder, as the WHATWG's Encoding Standard describes it.
#ifndef CURFEW_GUEST_RUNTIME_TEXT_ENCODER_H
#define CURFEW_GUEST_RUNTIME_TEXT_ENCODER_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Defines the class. False when memory runs out.
[[nodiscard]] bool install_text_encoder(JSContext* context, JSValueConst global);

}  // namespace curfew::guest

#endif
