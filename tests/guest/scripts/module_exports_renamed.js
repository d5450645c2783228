// result: "renamed"
const inner = () => "renamed";
export { inner as handler };
