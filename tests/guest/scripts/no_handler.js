// load-error: no_handler.js has no handler: define function handler(event), or export one
function handle() {}
