// event: "https://shop.example/items?page=2&tag=new"
// result: {"next":"https://shop.example/items?page=3&tag=new","tags":["new"],"aborted":"TimeoutError"}
async function handler(link) {
    const url = new URL(link);
    url.searchParams.set("page", Number(url.searchParams.get("page")) + 1);
    const signal = AbortSignal.timeout(1);
    const waited = new Promise((done) => signal.addEventListener("abort", () => done(signal.reason.name)));
    setTimeout(() => {}, 1000);
    return { next: url.href, tags: url.searchParams.getAll("tag"), aborted: await waited };
}
