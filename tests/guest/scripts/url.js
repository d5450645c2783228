// result: {"parts":["https://us%20er:pa%3Ass@example.com/a/%41%20c?x=1&y=%C3%BC#f%3Cg","https://example.com","https:","us%20er","pa%3Ass","example.com","example.com","","/a/%41%20c","?x=1&y=%C3%BC","#f%3Cg"],"changed":"https://me:p@c.d:81/x%20y?q=%C3%B6#z","relative":["http://h/a/x","https://k/l","http://h/p?q","data:abc#n","file:///c:/d"],"hosts":["xn--mnchen-3ya.de","xn--mnchen-3ya.de","ex.com","xn--fa-hia.de","xn--wgv71a119e.jp","127.0.0.1","[2001:db8::1]","TypeError ERR_INVALID_URL http://1.2.3.4.5","TypeError ERR_INVALID_URL http://a b","TypeError ERR_INVALID_URL http://[::1","xn--ab-wia","a_b","xn--a","TypeError ERR_INVALID_URL http://­"],"wrong":["TypeError ERR_INVALID_URL nope","TypeError ERR_INVALID_URL x y","TypeError ERR_MISSING_ARGS","TypeError ERR_INVALID_URL ::"],"statics":[true,false,true,null,"c:d"],"params":["1",["1","3 4"],true,false,null,5,"a=1&b=2&a=3+4&=5&c=",["a","b","a","","c"]],"made":["a=1&b=%C3%BC","a=b&c=d","x=y","a=%25zz&b=%EF%BF%BD&c=%EF%BF%BD"],"refused":["TypeError","TypeError","TypeError","TypeError"],"sorted":"=5&a=%C3%A9&b=2&c=","bound":["http://h/?c=d+e%26","1","http://h/"],"shape":["https://us%20er:pa%3Ass@example.com/a/%41%20c?x=1&y=%C3%BC#f%3Cg","{\"url\":\"https://us%20er:pa%3Ass@example.com/a/%41%20c?x=1&y=%C3%BC#f%3Cg\"}","[object URLSearchParams]","hash,host,hostname,href,origin,password,pathname,port,protocol,search,searchParams,toJSON,toString,username","append,delete,entries,forEach,get,getAll,has,keys,set,size,sort,toString,values","string",true,1,true,"[object URLSearchParams Iterator]",true],"each":["5!","aé!","b2!","c!"]}
function handler() {
    // What the URL standard says, and Node.js does.
    const said = (run) => {
        try {
            return run();
        } catch (error) {
            return [error.name, error.code, error.input, error.base].filter((x) => x !== undefined).join(" ");
        }
    };
    const parts = (url) => [url.href, url.origin, url.protocol, url.username, url.password, url.host, url.hostname, url.port,
        url.pathname, url.search, url.hash];
    const url = new URL("https://us er:pa:ss@EXAMPLE.com:443/a/./b/../%41 c?x=1&y=ü#f<g");
    const changed = new URL("http://a/b");
    Object.assign(changed, { protocol: "https:", username: "me", password: "p", hostname: "c.d", port: "81", pathname: "x y", search: "q=ö", hash: "z" });
    const params = new URLSearchParams("?a=1&b=2&a=3+4&=5&c");
    const bound = new URL("http://h/?a=b");
    bound.searchParams.append("c", "d e&");
    bound.searchParams.delete("a");
    return {
        parts: parts(url),
        changed: changed.href,
        relative: [["../x", "http://h/a/b/c"], ["//k/l", "https://h"], ["?q", "http://h/p?o#f"], ["#n", "data:abc"], ["/c:/d", "file:///e:/f"]]
            .map(([text, base]) => said(() => new URL(text, base).href)),
        hosts: ["http://münchen.de", "http://xn--mnchen-3ya.de", "http://ＥＸ.com", "http://faß.de", "http://日本語。ＪＰ", "http://0x7f.1", "http://[2001:db8::0:1]",
            "http://1.2.3.4.5", "http://a b", "http://[::1", "http://ab%C3%A4", "http://a_b", "http://xn--a", "http://\u00ad"].map((text) => said(() => new URL(text).host)),
        wrong: [() => new URL("nope"), () => new URL("x", "y"), () => new URL(), () => (url.href = "::")].map(said),
        statics: [URL.canParse("a:b"), URL.canParse("b"), URL.canParse("b", "c:/d"), URL.parse("b"), URL.parse("c:d").href],
        params: [params.get("a"), params.getAll("a"), params.has("b"), params.has("b", "3"), params.get("z"), params.size, String(params), [...params.keys()]],
        made: [new URLSearchParams({ a: 1, b: "ü" }), new URLSearchParams([["a", "b"], new Set(["c", "d"])]), new URLSearchParams(new Map([["x", "y"]])),
            new URLSearchParams("a=%zz&b=%ff&c=\ud800")].map(String),
        refused: [() => new URLSearchParams([["a"]]), () => new URLSearchParams([1]), () => params.append("a"), () => params.forEach(1)].map((run) => said(run).split(" ")[0]),
        sorted: (params.sort(), params.set("a", "é"), String(params)),
        bound: [bound.href, (bound.search = "?n=1", bound.searchParams.get("n")), (bound.searchParams.delete("n"), bound.href)],
        shape: [String(url), JSON.stringify({ url }), Object.prototype.toString.call(params), Object.keys(URL.prototype).sort().join(),
            Object.keys(URLSearchParams.prototype).sort().join(), typeof URL.prototype[Symbol.toStringTag], url instanceof URL, URL.length, url.searchParams === url.searchParams,
            Object.prototype.toString.call(params[Symbol.iterator]()), URLSearchParams.prototype[Symbol.iterator] === URLSearchParams.prototype.entries],
        each: (() => { const all = []; params.forEach(function (value, name) { all.push(name + value + this.t); }, { t: "!" }); return all; })(),
    };
}
