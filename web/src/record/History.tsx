/** Everything that happened to a record, newest first. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { asMoment } from "../i18n/format";
import { eventName, fieldName } from "../i18n/names";
import { useWords } from "../noun/dictionary";
import { filled, type Noun } from "../noun/noun";
import { Value } from "../noun/Value";
import { Failed, Loading } from "../shell/States";
import { kindsOf, useCalls } from "./record";

type Change = { old?: unknown; new?: unknown };
type Happening = { event_id: string; type: string; at: string; by_name: string; changes: Record<string, Change> };

const UNSAID = /_id$|^(version|idle_since)$/;

export function History({ noun, id }: { noun: Noun; id: string }) {
  const { t } = useTranslation();
  const kinds = kindsOf(noun, useCalls());
  const words = useWords(noun);
  const path = `${filled(noun.record!, id)}/history`;
  const { data, error, refetch } = useQuery({
    queryKey: ["history", path],
    queryFn: async ({ signal }) => (await ask<{ items: Happening[] }>("GET", path, { signal })).data.items.toReversed(),
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const said = (field: string, value: unknown) => {
    const name = field.replace(/_minor$/, "");
    const shown = name !== field && typeof value === "number" ? value / 100 : value;
    return <Value noun={noun} field={name} kind={kinds[name] ?? "text"} row={{ [name]: shown }} words={words(name)} />;
  };
  return (
    <ol className="history">
      {data.map((one) => (
        <li key={one.event_id}>
          <b>{eventName(one.type)}</b>{" "}
          <span className="muted">
            {asMoment(one.at)} {t("record.by", { name: one.by_name })}
          </span>
          <ul>
            {Object.entries(one.changes)
              .filter(
                ([field, change]) =>
                  !UNSAID.test(field) && JSON.stringify(change.old ?? null) !== JSON.stringify(change.new ?? null),
              )
              .map(([field, change]) => (
                <li key={field}>
                  {fieldName(noun.name, field.replace(/_minor$/, ""))}
                  {t("list.is")}
                  <del>{said(field, change.old)}</del> → {said(field, change.new)}
                </li>
              ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}
