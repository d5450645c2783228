// event: 20
// result: 22
export const handler = async (event) => event + 2;
