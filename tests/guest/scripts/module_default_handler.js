// result: "default"
export default function handler() {
    return "default";
}
