declare module "tools" {
  /** How many people live in a city. */
  export function population(city: string): Promise<number>;
}
