// An async handler: it is run to its end, and what its promise holds is the result.
const double = async (value) => value * 2;

export async function handler({ values }) {
    console.log("doubling", values.length, "values");
    return Promise.all(values.map(double));
}
