/** JSON that a person writes: read, and where it goes wrong. */

export type Data = Record<string, unknown>;
export type Read = { data: Data } | { fault: Error };

/** The data of an event are an object; anything else is no fault of the notation, but one all the same. */
export function readData(text: string): Read {
  try {
    const data: unknown = JSON.parse(text);
    if (data && typeof data === "object" && !Array.isArray(data)) return { data: data as Data };
    return { fault: new TypeError("Not an object") };
  } catch (fault) {
    return { fault: fault as Error };
  }
}

/** Where the text stops being JSON. Browsers do not always say so, and each in its own words. */
export function placeOf(text: string): { line: number; column: number } | undefined {
  const at = faultAt(text);
  if (at === undefined) return undefined;
  const lines = text.slice(0, at).split("\n");
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}

const SCALAR =
  /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null/iuy;
const NAME = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*"\s*:/iuy;
const SPACE = /\s*/y;

function faultAt(text: string): number | undefined {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const value = (): boolean => {
    take(SPACE);
    if (take(/\{/y)) return several(/\}/y, () => take(NAME) && value());
    if (take(/\[/y)) return several(/\]/y, value);
    return take(SCALAR);
  };
  const several = (end: RegExp, one: () => boolean): boolean => {
    take(SPACE);
    if (take(end)) return true;
    do {
      take(SPACE);
      if (!one()) return false;
      take(SPACE);
    } while (take(/,/y));
    return take(end);
  };
  const isWhole = value() && take(SPACE) && at === text.length;
  return isWhole ? undefined : at;
}

export type Difference = { name: string; before: unknown; after: unknown; kind: "same" | "added" | "gone" | "changed" };

/** Field by field: those that differ first. */
export function differences(before: Data, after: Data): Difference[] {
  const all = [...new Set([...Object.keys(before), ...Object.keys(after)])].map((name): Difference => {
    const kind = !(name in before)
      ? "added"
      : !(name in after)
        ? "gone"
        : JSON.stringify(before[name]) === JSON.stringify(after[name])
          ? "same"
          : "changed";
    return { name, before: before[name], after: after[name], kind };
  });
  return [...all.filter(({ kind }) => kind !== "same"), ...all.filter(({ kind }) => kind === "same")];
}
