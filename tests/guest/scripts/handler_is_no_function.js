// load-error: handler_is_no_function.js has a handler that is a string: it has to be a function
const handler = "text";
