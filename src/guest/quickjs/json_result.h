// What JSON cannot hold, and JSON.stringify passes over in silence: a Promise that nobody waited for, a Map or an error becomes
// {} there.
#ifndef CURFEW_GUEST_RUNTIME_JSON_RESULT_H
#define CURFEW_GUEST_RUNTIME_JSON_RESULT_H

#include "guest/quickjs/writer.h"

namespace curfew::guest {

// Looks for such an object in what became JSON, and says which, and where: "a Promise at .list[0]". False if there is none. To be
// called only if there is {} in the JSON. Getters do not run, but for toJSON.
bool find_lost_object(JSContext* context, JSValueConst value, Writer& found);

}  // namespace curfew::guest

#endif
