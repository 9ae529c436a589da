/** Everything that happened to a record, newest first; what a field was before can be put back. */
import { UndoOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../api/http";
import type { Field, Kind } from "../api/shapes";
import { sent } from "../form/Editor";
import { asDay, asTime } from "../i18n/format";
import { eventName, fieldName } from "../i18n/names";
import { useWords } from "../noun/dictionary";
import type { Noun, Row } from "../noun/noun";
import { Value } from "../noun/Value";
import { Failed, Loading } from "../shell/States";
import { useEdit } from "./edit";
import { type Change, type Happening, historyQuery, kindsOf, useCalls } from "./record";
import { useRefusal } from "./why";

const UNSAID = /_id$|^(version|idle_since|stage_since)$/;
/** Words of whoever did it, which no field keeps. */
const TOLD = ["name", "text", "reason", "note", "measure", "how", "summary", "result", "handling", "competitor"];
const AT_FIRST = 50;

export type Editing = { call: string; id: string; etag: string; asks: Field[]; onStale: (mine: Row) => void };
type Props = { noun: Noun; id: string; record: Row; editing?: Editing | undefined };

export function History({ noun, id, record, editing }: Props) {
  const { t } = useTranslation();
  const [isAll, setAll] = useState(false);
  const { data, error, refetch } = useQuery(historyQuery(noun, id));
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const newest = data.toReversed();
  const shown = isAll ? newest : newest.slice(0, AT_FIRST);
  return (
    <>
      <ol className="history">
        {shown.map((one, at) => (
          <li key={one.event_id}>
            {dayOf(one) !== dayOf(shown[at - 1]) && <h3>{asDay(one.at)}</h3>}
            <Heading type={one.type} at={one.at} by={one.by_name} />
            <Told noun={noun} one={one} />
            <Changes noun={noun} changes={one.changes} record={record} id={id} editing={editing} />
          </li>
        ))}
      </ol>
      {shown.length < newest.length && (
        <div className="foot">
          <Button size="small" onClick={() => setAll(true)}>
            {t("record.all", { total: newest.length })}
          </Button>
        </div>
      )}
    </>
  );
}

const dayOf = (one: { at: string } | undefined) => one && asDay(one.at);

/** `14:30 Li Na · Edited` */
export function Heading({ type, at, by }: { type: string; at: string; by: string }) {
  const { t } = useTranslation();
  return (
    <>
      <time className="muted" dateTime={at}>
        {asTime(at)}
      </time>{" "}
      <b>{eventName(type)}</b>{" "}
      <span className="muted">{t("record.by", { name: by === "system" ? t("record.itself") : by })}</span>
    </>
  );
}

/** What was said with it; a field that changed says it already. */
function Told({ noun, one }: { noun: Noun; one: Happening }) {
  const isBeginning =
    Object.keys(one.changes).length === 0 && /\.(created|opened|placed|added|entered|planned)$/.test(one.type);
  if (isBeginning) return null;
  const changed = new Set(Object.values(one.changes).map((change) => change.new));
  const words = TOLD.filter(
    (name) => typeof one.data[name] === "string" && one.data[name] && !changed.has(one.data[name]),
  );
  // The name of the record itself says nothing new; that of a file does.
  const said = words.filter((name) => name !== "name" || "attachment_id" in one.data);
  return said.map((name) => (
    <p key={name} className="told-of">
      {name === "name" ? "" : `${fieldName(noun.name, name)}: `}
      {`${one.data[name]}`}
    </p>
  ));
}

type ChangesProps = {
  noun: Noun;
  id: string;
  changes: Record<string, Change>;
  record: Row;
  editing?: Editing | undefined;
};

export function Changes({ noun, id, changes, record, editing }: ChangesProps) {
  const { t } = useTranslation();
  const kinds = kindsOf(noun, useCalls());
  const words = useWords(noun);
  const fields = Object.keys(changes).filter((field) => !UNSAID.test(field) && isChange(changes[field]!));
  if (fields.length === 0) return null;
  const said = (field: string, value: unknown) => {
    const name = shownName(field);
    const row = { ...record, [name]: shownValue(field, value) };
    return <Value noun={noun} field={name} kind={kinds[name] ?? kindOf(value)} row={row} words={words(name)} />;
  };
  return (
    <ul>
      {fields.map((field) => (
        <li key={field}>
          {fieldName(noun.name, shownName(field))}
          {t("list.is")}
          <del>{said(field, changes[field]!.old)}</del> → {said(field, changes[field]!.new)}
          {editing && <Restore noun={noun} id={id} field={field} changes={changes} record={record} editing={editing} />}
        </li>
      ))}
    </ul>
  );
}

/** Puts back what the field was before this change; offered while it is another value now. */
function Restore({ noun, id, field, changes, record, editing }: ChangesProps & { field: string; editing: Editing }) {
  const { t } = useTranslation();
  const { change } = useEdit(noun, id);
  const refusal = useRefusal();
  const [isBusy, setBusy] = useState(false);
  const found = restorable(field, changes, editing.asks);
  if (!found || JSON.stringify(found.value) === JSON.stringify(record[found.name] ?? "")) return null;
  const label = t("record.restore", { field: fieldName(noun.name, shownName(field)) });
  const restore = async () => {
    setBusy(true);
    const body = { [found.name]: found.value };
    try {
      await change(body, record, editing.etag);
    } catch (error) {
      if (error instanceof Refused && error.status === 412) editing.onStale(body);
      else refusal.show(error, label);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      className="restore"
      type="text"
      size="small"
      loading={isBusy}
      icon={<UndoOutlined aria-hidden />}
      aria-label={label}
      title={label}
      onClick={restore}
    />
  );
}

/** The field that an edit asks for, with its earlier value: of a person the number, of an amount the decimal text. */
export function restorable(
  field: string,
  changes: Record<string, Change>,
  asks: Field[],
): { name: string; value: unknown } | undefined {
  const name = shownName(field);
  const own = asks.find((one) => one.name === name);
  const person = asks.find((one) => one.name === name.replace(/_name$/, "_id"));
  const asked = own ?? (person && person.name in changes ? person : undefined);
  if (!asked) return undefined;
  const old = asked === own ? shownValue(field, changes[field]?.old) : changes[asked.name]?.old;
  const value = sent(asked, old ?? null);
  return value === undefined ? undefined : { name: asked.name, value };
}

const isChange = ({ old, new: now }: Change) => JSON.stringify(old ?? null) !== JSON.stringify(now ?? null);
/** Amounts are kept in hundredths. */
const shownName = (field: string) => field.replace(/_minor$/, "");
const shownValue = (field: string, value: unknown) =>
  field.endsWith("_minor") && typeof value === "number" ? (value / 100).toFixed(2) : value;
const kindOf = (value: unknown): Kind =>
  typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)
    ? "moment"
    : typeof value === "object" && value && !Array.isArray(value)
      ? "record"
      : "text";
