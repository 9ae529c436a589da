/** What a filter can be set to. */
import { useTranslation } from "react-i18next";
import { listShape } from "../api/shapes";
import { codesOf } from "../i18n/names";
import { useWords } from "../noun/dictionary";
import type { Noun } from "../noun/noun";

/** Codes, dictionary values, yes and no; or anything. */
export function useOptions(noun: Noun): (name: string) => Record<string, string> | undefined {
  const { t } = useTranslation();
  const words = useWords(noun);
  const { row } = listShape(noun.list);
  return (name) => {
    if (row[name] === "flag" || name === "overdue" || name === "idle" || name === "reminded" || name === "reversed")
      return { true: t("yes"), false: t("no") };
    return words(name) ?? codesOf(noun.name, name);
  };
}
