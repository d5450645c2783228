// load-error: no_handler_in_module.js has no handler: define function handler(event), or export one
export const helper = 1;
