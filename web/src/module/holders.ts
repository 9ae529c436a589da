/** Who has the operations of a module or a function. */

type Branch = { roles?: string[]; children?: Branch[] };

/** The codes of all roles that have at least one operation below, each once, in the server's order. */
export function holdersOf(branch: Branch): string[] {
  return [...new Set([...(branch.roles ?? []), ...(branch.children ?? []).flatMap(holdersOf)])];
}
