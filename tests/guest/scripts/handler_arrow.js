// result: "arrow"
const handler = () => "arrow";
