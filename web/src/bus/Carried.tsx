/** What one event carries: the values it changed, old and new, and all else it says. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import { asMoment } from "../i18n/format";
import { codesOf, fieldName } from "../i18n/names";
import { Failed, Loading } from "../shell/States";
import { nounOf } from "./records";

type Entry = components["schemas"]["EntryView"];
type Change = { old?: unknown; new?: unknown };

export function Carried({ event }: { event: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ["bus", "carried", event],
    queryFn: async ({ signal }) =>
      (await ask<{ items: Entry[] }>("GET", "/audit", { query: { event_id: event, size: 1, total: false }, signal }))
        .data.items,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const [entry] = data;
  if (!entry) return <p className="carried muted">{t("bus.carried.notYet")}</p>;
  const noun = nounOf(entry.record_type)?.name ?? entry.record_type;
  const changes = Object.entries((entry.changes ?? {}) as Record<string, Change>);
  const rest = Object.entries((entry.data ?? {}) as Record<string, unknown>);
  return (
    <div className="carried">
      {changes.length > 0 && (
        <>
          <h4>{t("bus.carried.changes")}</h4>
          <dl>
            {changes.map(([name, change]) => (
              <div key={name} className="row">
                <dt>{fieldName(noun, name)}</dt>
                <dd>
                  <del>{textOf(noun, name, change.old)}</del> → {textOf(noun, name, change.new)}
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <h4>{t("bus.carried.data")}</h4>
      <dl>
        {rest.map(([name, value]) => (
          <div key={name} className="row">
            <dt>{fieldName(noun, name)}</dt>
            <dd>{textOf(noun, name, value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** As a reader of lists knows it: codes as words, moments in the reader's time. */
function textOf(noun: string, name: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "object") return JSON.stringify(value);
  if (typeof value === "string" && MOMENT.test(value)) return asMoment(value);
  return codesOf(noun, name)?.[`${value}`] ?? `${value}`;
}
