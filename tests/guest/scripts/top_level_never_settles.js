// load-error: the script's top level waits for a promise that can never settle
await new Promise(() => {});
function handler() {}
