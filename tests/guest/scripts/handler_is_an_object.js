// load-error: handler_is_an_object.js has a handler that is an object: it has to be a function
export const handler = {};
