/** A value as a reader wants to see it: by its kind, its codes, its currency. */

import { Link } from "@tanstack/react-router";
import i18next from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Kind } from "../api/shapes";
import { RecordLink } from "../app/links";
import { asDay, asMoment, asMoney, asNumber } from "../i18n/format";
import { codesOf, eventName, fieldName } from "../i18n/names";
import type { Noun, Row, Tone } from "./noun";

type Props = { noun: Noun; field: string; kind: Kind; row: Row; words?: Record<string, string> | undefined };

const EVENT_TYPE = /^[a-z-]+\.[a-z-]+\.[a-z-]+$/;

export function Pill({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`pill ${tone}`}>{children}</span>;
}

export function Value({ noun, field, kind, row, words }: Props): ReactNode {
  const { t } = useTranslation();
  const value = row[field];
  if (value === null || value === undefined || value === "") return <span className="none">–</span>;
  const said = words?.[`${value}`] ?? codesOf(noun.name, field)?.[`${value}`];
  const tone = noun.tones?.[field]?.[`${value}`];
  if (tone) return <Pill tone={tone}>{said ?? `${value}`}</Pill>;
  if (said) return said;
  if (field === "event_id") return <Story event={`${value}`} />;
  if (field === "type" && EVENT_TYPE.test(`${value}`)) return <span title={`${value}`}>{eventName(`${value}`)}</span>;
  if (field === "link") return <Way to={`${value}`} />;
  if (Array.isArray(value)) return <Several values={value} words={words} />;
  switch (kind) {
    case "moment":
      return <time dateTime={`${value}`}>{asMoment(`${value}`)}</time>;
    case "date":
      return <time dateTime={`${value}`}>{asDay(`${value}`)}</time>;
    case "money":
      return asMoney(`${value}`, row.currency as string | undefined);
    case "flag":
      return value ? t("yes") : t("no");
    case "integer":
      return field === "year" || field.endsWith("_id") ? `${value}` : asNumber(value as number);
    case "record":
      return <Parts noun={noun} parts={value as Record<string, unknown>} />;
    default:
      return `${value}`;
  }
}

/** What an object holds, part by part; of a change, what was and what is. */
function Parts({ noun, parts }: { noun: Noun; parts: Record<string, unknown> }) {
  const entries = Object.entries(parts);
  if (entries.length === 0) return <span className="none">–</span>;
  return entries.map(([name, part]) => `${fieldName(noun.name, name)}: ${partSaid(part)}`).join(" · ");
}

function partSaid(part: unknown): string {
  if (part && typeof part === "object" && "new" in part)
    return `${said((part as Change).old)} → ${said((part as Change).new)}`;
  return said(part);
}

type Change = { old?: unknown; new?: unknown };
const said = (one: unknown) =>
  one == null || one === "" ? "–" : typeof one === "object" ? JSON.stringify(one) : `${one}`;

/** `/visits/1`: a record of ours. */
function Way({ to }: { to: string }) {
  const { t } = useTranslation();
  const [, noun = "", id = ""] = to.split("/");
  return (
    <RecordLink noun={noun} id={id}>
      {i18next.exists(`nouns.${noun}.one`) ? `${t(`nouns.${noun}.one`)} ${id}` : to}
    </RecordLink>
  );
}

function Story({ event }: { event: string }) {
  const { t } = useTranslation();
  return (
    <Link to="/bus" search={{ tab: "story", event } as never}>
      {t("bus.tell")}
    </Link>
  );
}

function Several({ values, words }: { values: unknown[]; words: Record<string, string> | undefined }) {
  if (values.length === 0) return <span className="none">–</span>;
  if (typeof values[0] === "object") return `${values.length}`;
  return (
    <span className="several">
      {values.map((one) => (
        <span className="tag" key={`${one}`}>
          {words?.[`${one}`] ?? `${one}`}
        </span>
      ))}
    </span>
  );
}

/** Amounts and counts stand on the right; numbers that are codes read as words. */
export function isRight(noun: Noun, field: string, kind: Kind): boolean {
  return (
    (kind === "money" || kind === "integer" || kind === "number") &&
    !codesOf(noun.name, field) &&
    !field.endsWith("_id")
  );
}
