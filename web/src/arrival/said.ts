/** What this browser's commands have said, until all services have applied it. */

/** The header of a command's answer that names its events, `<service>.<aggregate>.<event id>` each. */
export const SAID = "Guanxi-Said";
/** As many as the server takes at once; older ones have had their time. */
const MOST = 10;

let names: string[] = [];
let at = 0;
const listeners = new Set<() => void>();

/** Called with each answer's header; those without one are no news. */
export function noteSaid(header: string | null): void {
  if (!header) return;
  names = [...names, ...header.split(",").map((name) => name.trim())].slice(-MOST);
  at = Date.now();
  tell();
}

export function forgetSaid(): void {
  names = [];
  tell();
}

function tell(): void {
  news = { names, at };
  for (const listener of listeners) listener();
}

let news: News = { names, at };
export type News = { names: string[]; at: number };

export function listenSaid(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
export const saidNow = () => news;
