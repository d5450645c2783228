// load-error: empty.js has no handler: define function handler(event), or export one
