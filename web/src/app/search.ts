/** The address bar in words one can read: `?level=3&sort=-opened_at`, no quotes, no JSON. */
export type View = Record<string, string | undefined>;

export function parseSearch(text: string): View {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(view: Record<string, unknown>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(view))
    if (value !== undefined && value !== "") search.set(name, `${value}`);
  const text = search.toString();
  return text ? `?${text}` : "";
}
