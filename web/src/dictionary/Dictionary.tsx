/** The dictionary by kind: a rail of kinds, and beside it the values of one in the order in which forms show them. */
import { ArrowDownOutlined, ArrowUpOutlined, LockOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { App, Button, Drawer, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { addressOf, ask, Refused } from "../api/http";
import type { components } from "../api/schema";
import { useMay } from "../api/session";
import { RecordLink } from "../app/links";
import type { View } from "../app/search";
import { CallForm } from "../form/CallForm";
import { languageNow } from "../i18n";
import { asNumber } from "../i18n/format";
import { codesOf, problemTitle } from "../i18n/names";
import type { Row } from "../noun/noun";
import { Actions } from "../record/Actions";
import { Failed, Loading, NoRight } from "../shell/States";
import { useTitle } from "../shell/title";
import { dictionary } from "./noun";
import { moved } from "./order";
import "./dictionary.css";

type Schemas = components["schemas"];
type Kind = Schemas["KindView"];
export type Item = Schemas["ItemView"];
const MOST = 200;

export const kindName = (kind: string): string => codesOf("dictionary", "kind")?.[kind] ?? kind;

export default function Dictionary() {
  const { t } = useTranslation();
  const may = useMay();
  useTitle(t("nouns.dictionary.many"));
  const { data, error, refetch } = useQuery({
    queryKey: ["list", "/dictionary/kinds"],
    queryFn: async ({ signal }) => (await ask<{ items: Kind[] }>("GET", "/dictionary/kinds", { signal })).data.items,
  });
  if (!may("dictionary:read")) return <NoRight />;
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  return <Kinds kinds={data} />;
}

function Kinds({ kinds }: { kinds: Kind[] }) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const view = useSearch({ strict: false }) as View;
  const sorted = kinds.toSorted((one, other) => kindName(one.kind).localeCompare(kindName(other.kind)));
  const now = sorted.find(({ kind }) => kind === view.kind) ?? sorted[0];
  const go = (next: View) => navigate({ to: "/dictionary" as never, search: next as never });
  const add = may("dictionary:write") && now?.is_extensible;
  return (
    <div className="page">
      <header className="title">
        <h1>{t("nouns.dictionary.many")}</h1>
        <span className="grow" />
        {now && (
          <Button href={addressOf("/dictionary/export", { kind: now.kind, format: "xlsx" })} download>
            {t("list.export")}
          </Button>
        )}
        {add && (
          <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => go({ kind: now.kind, new: "1" })}>
            {t("nouns.dictionary.new")}
          </Button>
        )}
      </header>
      <div className="railed">
        <nav className="rail" aria-label={t("dictionary.kinds")}>
          <ul>
            {sorted.map(({ kind, number }) => (
              <li key={kind}>
                <button
                  type="button"
                  aria-current={kind === now?.kind ? "true" : undefined}
                  onClick={() => go({ kind })}
                >
                  {kindName(kind)}
                  <span className="muted">{asNumber(number)}</span>
                </button>
              </li>
            ))}
          </ul>
        </nav>
        <Select
          className="rail-select"
          aria-label={t("dictionary.kinds")}
          value={now?.kind ?? null}
          onChange={(kind) => go({ kind })}
          options={sorted.map(({ kind, number }) => ({
            value: kind,
            label: `${kindName(kind)} (${asNumber(number)})`,
          }))}
        />
        {now && <Values key={now.kind} kind={now} />}
      </div>
      {view.new && now && add && <Add kind={now} onClose={() => go({ kind: now.kind })} />}
    </div>
  );
}

function Values({ kind }: { kind: Kind }) {
  const { t } = useTranslation();
  const { notification } = App.useApp();
  const may = useMay();
  const cache = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const query = { kind: kind.kind, sort: "position", size: MOST };
  const key = ["list", "/dictionary", query];
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await ask<Schemas["ItemViewPage"]>("GET", "/dictionary", { query, signal })).data,
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const { items } = data;
  const isWhole = (data.total ?? 0) <= items.length;
  const mayMove = may("dictionary:write") && kind.is_extensible && isWhole;
  const move = async (from: number, to: number) => {
    setBusy(true);
    try {
      for (const { item, position } of moved(items, from, to))
        await ask("PATCH", `/dictionary/${item.id}`, { body: { position }, etag: `"${item.version}"` });
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      notification.error({ title: problemTitle(refused.problem), description: refused.problem.detail });
    }
    await Promise.all([
      cache.invalidateQueries({ queryKey: key }),
      cache.invalidateQueries({ queryKey: ["dictionary"] }),
    ]);
    setBusy(false);
  };
  return (
    <section className="box values" aria-label={kindName(kind.kind)} aria-busy={isBusy}>
      <h2>{kindName(kind.kind)}</h2>
      {!kind.is_extensible && (
        <p className="why">
          <LockOutlined aria-hidden /> {t("dictionary.protected")}
        </p>
      )}
      {!isWhole && <p className="muted why">{t("dictionary.cut", { shown: items.length, total: data.total })}</p>}
      <ol>
        {items.map((item, at) => {
          const [name, other] = namesOf(item);
          return (
            <li key={item.id}>
              {mayMove && (
                <span className="steps">
                  <Button
                    type="text"
                    icon={<ArrowUpOutlined aria-hidden />}
                    aria-label={t("dictionary.up", { name })}
                    disabled={at === 0}
                    onClick={() => isBusy || move(at, at - 1)}
                  />
                  <Button
                    type="text"
                    icon={<ArrowDownOutlined aria-hidden />}
                    aria-label={t("dictionary.down", { name })}
                    disabled={at === items.length - 1}
                    onClick={() => isBusy || move(at, at + 1)}
                  />
                </span>
              )}
              <span className="texts">
                <RecordLink noun="dictionary" id={`${item.id}`}>
                  {name}
                </RecordLink>
                {other && <span className="muted">{other}</span>}
              </span>
              {item.value !== item.text && <code>{item.value}</code>}
              {item.parent && <span className="muted">{t("dictionary.below", { name: item.parent })}</span>}
              <span className="grow" />
              {item.is_editable ? (
                <Actions
                  noun={dictionary}
                  id={`${item.id}`}
                  record={item as unknown as Row}
                  etag={`"${item.version}"`}
                  isSmall
                />
              ) : (
                <LockOutlined aria-label={t("dictionary.protected")} title={t("dictionary.protected")} role="img" />
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** In the reader's language first. */
function namesOf({ text, text_en }: Item): [string, string] {
  return languageNow() === "en" && text_en ? [text_en, text] : [text, text_en];
}

function Add({ kind, onClose }: { kind: Kind; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return (
    <Drawer
      open
      size={460}
      title={t("dictionary.add", { kind: kindName(kind.kind) })}
      onClose={onClose}
      mask={{ closable: false }}
      destroyOnHidden
    >
      <CallForm
        noun={dictionary}
        call="POST /dictionary"
        given={{ kind: kind.kind, position: kind.number }}
        onClose={onClose}
        onDone={() => {
          message.success(t("record.saved"));
          onClose();
        }}
      />
    </Drawer>
  );
}
