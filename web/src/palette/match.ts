/** What is typed, against what can be chosen. */

export const COMMAND = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

/** Every word of it stands somewhere in the label or in another name of the same thing. */
export function matches(text: string, ...names: string[]): boolean {
  const said = names.join(" ").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

/** Two letters, or one character of a language whose words are that short. */
export function isEnough(text: string): boolean {
  return text.length > 1 || /\p{Script=Han}/u.test(text);
}

/** The place after (or before) this one; from the last to the first, and back. */
export function step(at: number, by: number, of: number): number {
  return of === 0 ? 0 : (at + by + of) % of;
}
