/** An action on many records: how many it is about, what it asks for, how far it is, and what became of each. */
import { useQuery } from "@tanstack/react-query";
import { Button, Modal, Progress, Select } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../../api/http";
import { CallForm } from "../../form/CallForm";
import { asNumber } from "../../i18n/format";
import { actionName, askedName } from "../../i18n/names";
import { idOf, type Noun, type Row } from "../../noun/noun";
import { useCalls, useRefresh } from "../../record/record";
import { bodyFor, type Offer } from "./offers";
import { Results } from "./Results";
import { type Result, runAll, workOf } from "./run";

type Props = { noun: Noun; offer: Offer; rows: Row[]; onClose: (done: Set<string>) => void };
const NAMED = 5;

export default function Act({ noun, offer, rows: chosen, onClose }: Props) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [rows] = useState(chosen);
  const [results, setResults] = useState<Result[]>();
  const [isOver, setOver] = useState(false);
  const stopped = useRef(false);
  const name = offer.name === "tag" ? t("bulk.addTags") : actionName(noun.name, offer.name);
  const start = async (said?: Row) => {
    const found: Result[] = [];
    setResults([]);
    await runAll(noun, rows, workOf(noun, offer.call, bodyFor(offer, said)), {
      isStopped: () => stopped.current,
      onResult: (result) => {
        found.push(result);
        setResults([...found]);
      },
    });
    setOver(true);
    await refresh();
  };
  const done = new Set(results?.filter(({ outcome }) => outcome === "done").map(({ id }) => id));
  const leave = () => {
    stopped.current = true;
    if (!results || isOver) onClose(done);
  };
  return (
    <Modal open title={name} footer={null} onCancel={leave} mask={{ closable: false }} destroyOnHidden width={560}>
      {!results ? (
        <>
          <Preview noun={noun} offer={offer} rows={rows} />
          <Asked noun={noun} offer={offer} submit={name} onSaid={start} onClose={leave} />
        </>
      ) : (
        <>
          <Progress
            percent={Math.round((100 * results.length) / rows.length)}
            status={isOver ? "normal" : "active"}
            aria-label={t("bulk.progress")}
          />
          <p role="status">
            {t(isOver ? "bulk.over" : "bulk.going", {
              done: asNumber(results.length),
              total: asNumber(rows.length),
            })}
          </p>
          {isOver && <Results noun={noun} name={name} results={results} />}
          <div className="buttons">
            {isOver ? (
              <Button type="primary" onClick={leave}>
                {t("record.close")}
              </Button>
            ) : (
              <Button danger onClick={leave}>
                {t("import.stop")}
              </Button>
            )}
          </div>
        </>
      )}
    </Modal>
  );
}

/** How many, which, and, where the server tells, what hangs on them. */
function Preview({ noun, offer, rows }: { noun: Noun; offer: Offer; rows: Row[] }) {
  const { t } = useTranslation();
  const isTransfer = offer.call === "POST /customers/{customer_no}/transfer";
  const { data } = useQuery({
    queryKey: ["bulk", "preview", rows.map((row) => idOf(noun, row))],
    enabled: isTransfer,
    queryFn: async ({ signal }) => {
      const body = { customer_nos: rows.map((row) => row.customer_no) };
      return (await ask<Preview>("POST", "/customers/transfer/preview", { body, signal })).data;
    },
  });
  const names = rows.slice(0, NAMED).map((row) => `${row[noun.title] ?? idOf(noun, row)}`);
  const more = rows.length - names.length;
  return (
    <div className="preview">
      <p>{t("bulk.preview", { count: rows.length, total: asNumber(rows.length) })}</p>
      <ul>
        {names.map((name, at) => (
          <li key={`${at} ${name}`}>{name}</li>
        ))}
        {more > 0 && <li className="muted">{t("bulk.more", { total: asNumber(more) })}</li>}
      </ul>
      {data && (
        <p className="muted">
          {t("bulk.hangs", {
            contacts: asNumber(data.contacts),
            activities: asNumber(data.activities),
            losses: asNumber(data.open_losses),
          })}
        </p>
      )}
    </div>
  );
}

type Preview = { contacts: number; activities: number; open_losses: number };

type AskedProps = {
  noun: Noun;
  offer: Offer;
  submit: string;
  onSaid: (said?: Row) => void;
  onClose: () => void;
};

/** What the call asks for; of an edit, one field, the same for all. */
function Asked({ noun, offer, submit, onSaid, onClose }: AskedProps) {
  const { t } = useTranslation();
  const calls = useCalls();
  const [field, setField] = useState<string>();
  const asks = calls?.[offer.call]?.asks ?? [];
  const isEdit = offer.name === "edit";
  // Two of a kind must not be called alike.
  const free = asks.filter(({ name, kind, of }) => name !== noun.title && kind !== "record" && !Array.isArray(of));
  const form = (only?: string[]) => (
    <CallForm
      key={field ?? ""}
      noun={noun}
      call={offer.call}
      {...(only ? { only } : {})}
      submit={submit}
      onSaid={(said) => onSaid(Object.keys(said).length ? said : undefined)}
      onClose={onClose}
    />
  );
  if (!isEdit && asks.length > 0) return form();
  if (isEdit)
    return (
      <>
        <Select
          aria-label={t("list.field")}
          placeholder={t("list.field")}
          className="wide"
          showSearch={{ optionFilterProp: "label" }}
          value={field ?? null}
          onChange={setField}
          options={free.map(({ name }) => ({ value: name, label: askedName(noun.name, name) }))}
        />
        {field && form([field])}
      </>
    );
  return (
    <div className="buttons">
      <Button type="primary" danger={offer.name === "delete"} onClick={() => onSaid()}>
        {submit}
      </Button>
      <Button onClick={onClose}>{t("form.cancel")}</Button>
    </div>
  );
}
