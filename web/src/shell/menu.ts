/** The side bar: what this person's rights open, by module. */
import { useMay } from "../api/session";
import { listShape } from "../api/shapes";
import type { Module, Noun } from "../noun/noun";
import { SCREENS } from "../noun/nouns";
import { PAGES } from "./pages";

export const MODULES: Module[] = ["marketing", "customer", "service", "reports", "base", "authority"];

export function useMenu(): [Module, Noun[]][] {
  const may = useMay();
  const open = SCREENS.filter((noun) => may(listShape(noun.list).needs));
  return MODULES.map((module): [Module, Noun[]] => [module, open.filter((noun) => noun.module === module)]).filter(
    ([module, nouns]) => nouns.length > 0 || PAGES.some((page) => page.module === module && may(page.needs)),
  );
}
