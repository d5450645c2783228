interface Order { price: number; count: number }
export function handler({ price, count }: Order): number {
  return price * count;
}
