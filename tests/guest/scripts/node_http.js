// result: [["HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",true,true],["HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n2\r\né\r\n0\r\n\r\n",true,true],["HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n",true,true],["HTTP/1.1 204 No Content\r\nX-B: c\r\nConnection: keep-alive\r\n\r\n",true,true],["HTTP/1.1 404 Nope\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",true,true],["HTTP/1.1 200 Fine\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",true,true],["1","2","3"],["x-a"],true,{"x-a":["1","2","3"]},["body"],"ERR_INVALID_HTTP_TOKEN","ERR_INVALID_CHAR","ERR_HTTP_INVALID_HEADER_VALUE","ERR_HTTP_INVALID_STATUS_CODE",true,"I'm a Teapot",false]
// Requests and responses of http without a network. What is written to a response goes to its socket.
import http, { METHODS, STATUS_CODES, IncomingMessage, ServerResponse } from "node:http";
import { Writable } from "node:stream";

async function written(request, use) {
    const chunks = [];
    const socket = new Writable({ write(chunk, encoding, done) { chunks.push(chunk.toString()); done(); } });
    const response = new ServerResponse({ httpVersionMajor: 1, httpVersionMinor: 1, ...request });
    response.assignSocket(socket);
    response.sendDate = false;
    const finished = new Promise((done) => response.on("finish", done));
    use(response);
    await finished;
    return [chunks.join("").replace(/Keep-Alive: .*\r\n/, ""), response.headersSent, response.writableEnded];
}

export async function handler() {
    const code = (f) => { try { f(); return "no error"; } catch (error) { return error.code ?? error.name; } };
    const response = new ServerResponse({ method: "GET", httpVersionMajor: 1, httpVersionMinor: 1 });
    response.setHeader("X-A", ["1", "2"]).appendHeader("x-a", "3");
    const request = new IncomingMessage(null);
    request.push("body");
    request.push(null);
    const body = [];
    for await (const chunk of request) body.push(chunk.toString());
    return [
        await written({ method: "GET" }, (r) => r.end("hello")),
        await written({ method: "GET" }, (r) => { r.setHeader("Content-Type", "text/plain"); r.write("a"); r.write("bc"); r.end("é"); }),
        await written({ method: "HEAD" }, (r) => { r.setHeader("Content-Length", 5); r.end("hello"); }),
        await written({ method: "GET" }, (r) => { r.writeHead(204, { "X-B": "c" }); r.end(); }),
        await written({ method: "GET" }, (r) => { r.statusCode = 404; r.statusMessage = "Nope"; r.end(); }),
        await written({ method: "POST" }, (r) => { r.writeHead(200, "Fine", ["Set-Cookie", "a=1", "Set-Cookie", "b=2", "Connection", "close"]); r.end("x"); }),
        response.getHeader("x-a"), response.getHeaderNames(), response.hasHeader("X-a"), { ...response.getHeaders() }, body,
        code(() => response.setHeader("a b", "c")), code(() => response.setHeader("a", "b\r\nc: d")), code(() => response.setHeader("a", undefined)),
        code(() => response.writeHead(42)), METHODS.includes("PATCH"), STATUS_CODES[418], http.createServer(() => {}).listening,
    ];
}
