/** The order of values: what has to be said to the server so that one stands elsewhere. */

type Placed = { position: number };

/** The items whose position changes when the one at `from` goes to `to`; equal positions are told apart on the way. */
export function moved<T extends Placed>(items: T[], from: number, to: number): { item: T; position: number }[] {
  const order = [...items];
  order.splice(to, 0, ...order.splice(from, 1));
  return order.map((item, position) => ({ item, position })).filter(({ item, position }) => item.position !== position);
}
