/** What one event carries: the values it changed, old and new, and all else it says. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import { fieldName } from "../i18n/names";
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
                  <del>{textOf(change.old)}</del> → {textOf(change.new)}
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
            <dd>{textOf(value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

const textOf = (value: unknown): string =>
  value === null || value === undefined || value === ""
    ? "–"
    : typeof value === "object"
      ? JSON.stringify(value)
      : `${value}`;
