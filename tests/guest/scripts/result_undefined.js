// error: the handler returned undefined, which is not JSON: return something else, such as null
function handler() {}
