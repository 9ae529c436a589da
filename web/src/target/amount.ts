/** Targets of sales are kept in minor units, like cents; people say and read amounts. */
export const isMoney = (kind: string) => kind === "sales";

/** What was typed, as the server keeps it; nothing for what is no amount. */
export function keptOf(kind: string, typed: string): number | undefined {
  const text = typed.trim().replaceAll(",", "");
  if (isMoney(kind)) return /^\d+(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : undefined;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

export function typedOf(kind: string, kept: number): string {
  return isMoney(kind) ? (kept / 100).toFixed(2).replace(/\.00$/, "") : `${kept}`;
}
