/** Finds events: by the record they are about, by who did it, by when, or by a word in them. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import { useMay } from "../api/session";
import type { View } from "../app/search";
import { Remote } from "../form/Remote";
import { asMoment } from "../i18n/format";
import { eventName } from "../i18n/names";
import { Failed, Loading } from "../shell/States";
import { KINDS, kindName } from "./records";
import { Subject } from "./Subject";

type Found = components["schemas"]["EntryViewPage"];
/** Name in the address → name of the audit log's filter. */
const ASKED = { kind: "record_type", number: "record_id", by: "by_id", since: "from", until: "to", q: "q" } as const;
type Asked = Partial<Record<keyof typeof ASKED, string>>;
const SIZE = 20;

export const askedOf = (view: View): Asked =>
  Object.fromEntries(Object.keys(ASKED).flatMap((name) => (view[name] ? [[name, view[name]]] : [])));

type Props = { view: View; onFind: (asked: Asked) => void; onOpen: (event: string) => void };

export function Finder({ view, onFind, onOpen }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const asked = askedOf(view);
  const [draft, setDraft] = useState<Asked>(asked);
  const put = (name: keyof Asked) => (value: unknown) => setDraft({ ...draft, [name]: value ? `${value}` : "" });
  const find = (event: FormEvent) => {
    event.preventDefault();
    onFind(draft);
  };
  const kinds = KINDS.map((value) => ({ value, label: kindName(value) }));
  return (
    <>
      <form className="finder" onSubmit={find} aria-label={t("bus.find.title")}>
        <Field name="kind">
          <Select
            id="find-kind"
            allowClear
            showSearch={{ optionFilterProp: "label" }}
            value={draft.kind || null}
            onChange={put("kind")}
            options={kinds.sort((one, other) => one.label.localeCompare(other.label))}
          />
        </Field>
        <Field name="number">
          <Input
            id="find-number"
            maxLength={80}
            value={draft.number ?? ""}
            onChange={(event) => put("number")(event.target.value.trim())}
          />
        </Field>
        {may("user:read") && (
          <Field name="by">
            <Remote
              id="find-by"
              path="/users"
              isEmpty
              value={draft.by ? Number(draft.by) : null}
              onChange={put("by")}
            />
          </Field>
        )}
        {(["since", "until"] as const).map((name) => (
          <Field key={name} name={name}>
            <Input
              id={`find-${name}`}
              type="date"
              value={draft[name] ?? ""}
              onChange={(event) => put(name)(event.target.value)}
            />
          </Field>
        ))}
        <Field name="word">
          <Input
            id="find-word"
            maxLength={100}
            value={draft.q ?? ""}
            onChange={(event) => put("q")(event.target.value)}
          />
        </Field>
        <Button type="primary" htmlType="submit">
          {t("bus.find.find")}
        </Button>
      </form>
      <Results asked={asked} onOpen={onOpen} />
    </>
  );
}

function Field({ name, children }: { name: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="asked">
      <label htmlFor={`find-${name}`}>{t(`bus.find.${name}`)}</label>
      {children}
    </div>
  );
}

function Results({ asked, onOpen }: { asked: Asked; onOpen: (event: string) => void }) {
  const { t } = useTranslation();
  const filters = Object.fromEntries(
    Object.entries(asked).map(([name, value]) => [ASKED[name as keyof Asked], value]),
  ) as Record<string, string>;
  const query = { ...filters, size: SIZE, total: false };
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["bus", "found", query],
    queryFn: async ({ signal, pageParam }) =>
      (await ask<Found>("GET", "/audit", { query: { ...query, cursor: pageParam || undefined }, signal })).data,
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    retry: false,
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const entries = data.pages.flatMap(({ items }) => items);
  if (entries.length === 0) return <p className="muted">{t("bus.find.nothing")}</p>;
  return (
    <>
      <ul className="found-events" aria-label={t("bus.find.found")}>
        {entries.map((entry) => (
          <li key={entry.id}>
            <time dateTime={entry.happened_at}>{asMoment(entry.happened_at)}</time>
            <button type="button" className="open" onClick={() => onOpen(entry.event_id)}>
              {kindName(entry.record_type)}
              {t("list.is")}
              {eventName(entry.type)}
            </button>
            <Subject kind={entry.record_type} id={entry.record_id} />
            <span className="muted">{entry.by_name || t("bus.nobody")}</span>
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <div>
          <Button loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {t("bus.find.more")}
          </Button>
        </div>
      )}
    </>
  );
}
