// event: 20
// result: 21
const step = 1;
export function handler(event) {
    return event + step;
}
