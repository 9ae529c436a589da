/** A target and its shares, which have to add up to it: the server refuses what does not. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Input, Select } from "antd";
import { type FormEvent, type ReactNode, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, newKey, Refused } from "../api/http";
import { CURRENCIES, monthNow } from "../forecast/month";
import { Remote } from "../form/Remote";
import { actionName, fieldName, problemTitle } from "../i18n/names";
import { monthName } from "../reports/say";
import { isMoney, keptOf, typedOf } from "./amount";
import { amountSaid, KINDS, type Target } from "./Targets";

type Share = { key: string; owner?: number; name?: string; amount: string };
type Said = { month: string; kind: string; team: string; currency: string; amount: string; shares: Share[] };
type Props = { target?: Target; etag?: string; onDone: () => void; onClose: () => void };

function saidOf(target: Target | undefined): Said {
  if (!target) return { month: monthNow(), kind: "sales", team: "", currency: "CNY", amount: "", shares: [] };
  const { month, kind, team, currency } = target;
  const shares = target.shares.map((share) => ({
    key: newKey(),
    owner: share.owner_id,
    name: share.owner_name,
    amount: typedOf(kind, share.amount),
  }));
  return { month, kind, team, currency, amount: typedOf(kind, target.amount), shares };
}

export function TargetForm({ target, etag, onDone, onClose }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const [said, setSaid] = useState(() => saidOf(target));
  const [problem, setProblem] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);
  const key = useRef(newKey());
  const change = (next: Partial<Said>) => setSaid({ ...said, ...next });
  const share = (at: number, next: Partial<Share>) =>
    change({ shares: said.shares.map((one, place) => (place === at ? { ...one, ...next } : one)) });

  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    // What is no amount is sent as it was typed: the server says what is wrong with it.
    const kept = (typed: string) => keptOf(said.kind, typed) ?? typed;
    const shares = said.shares.map((one) => ({ owner_id: one.owner, amount: kept(one.amount) }));
    const { month, kind, team, currency } = said;
    try {
      if (target)
        await ask("PUT", `/targets/${target.id}`, { body: { amount: kept(said.amount), shares }, etag: etag ?? "" });
      else
        await ask("POST", "/targets", {
          body: { month, kind, team, currency, amount: kept(said.amount), shares },
          key: key.current,
        });
      message.success(t("record.saved"));
      await cache.invalidateQueries();
      onDone();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status !== 0) key.current = newKey();
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="call target" onSubmit={send}>
      {problem && <Refusal problem={problem} />}
      {target ? (
        <p>
          {monthName(target.month)} · {t(`targets.kinds.${target.kind}`)} · {target.team || t("targets.noTeam")}
        </p>
      ) : (
        <About said={said} onChange={change} />
      )}
      <Field label={fieldName("targets", "amount")}>
        {(id) => (
          <Input
            id={id}
            required
            inputMode="decimal"
            {...(isMoney(said.kind) ? { suffix: said.currency } : {})}
            value={said.amount}
            onChange={(event) => change({ amount: event.target.value })}
          />
        )}
      </Field>
      <fieldset className="lines">
        <legend>{t("targets.shares")}</legend>
        {said.shares.map((one, at) => (
          <div className="share" key={one.key}>
            <Remote
              path="/targets/people"
              label={t("targets.whose", { at: at + 1 })}
              value={one.owner}
              said={one.name}
              onChange={(owner) => share(at, { owner: owner as number })}
            />
            <Input
              aria-label={t("targets.howMuch", { at: at + 1 })}
              inputMode="decimal"
              required
              value={one.amount}
              onChange={(event) => share(at, { amount: event.target.value })}
            />
            <Button
              icon={<DeleteOutlined aria-hidden />}
              aria-label={`${actionName("targets", "delete")} ${at + 1}`}
              onClick={() => change({ shares: said.shares.filter((_, place) => place !== at) })}
            />
          </div>
        ))}
        <Button
          icon={<PlusOutlined aria-hidden />}
          onClick={() => change({ shares: [...said.shares, { key: newKey(), amount: "" }] })}
        >
          {t("targets.add")}
        </Button>
        <Left said={said} />
      </fieldset>
      <div className="buttons">
        <Button type="primary" htmlType="submit" loading={isBusy}>
          {t("form.save")}
        </Button>
        <Button onClick={onClose}>{t("form.cancel")}</Button>
      </div>
    </form>
  );
}

type OfAbout = { said: Said; onChange: (next: Partial<Said>) => void };

/** What cannot be changed later: another month is another target. */
function About({ said, onChange }: OfAbout) {
  const { t } = useTranslation();
  return (
    <>
      <Field label={fieldName("targets", "month")}>
        {(id) => (
          <Input
            id={id}
            type="month"
            required
            autoFocus
            value={said.month}
            onChange={(event) => onChange({ month: event.target.value })}
          />
        )}
      </Field>
      <Field label={fieldName("targets", "kind")}>
        {(id) => (
          <Select
            id={id}
            value={said.kind}
            onChange={(kind) => onChange({ kind })}
            options={KINDS.map((kind) => ({ value: kind as string, label: t(`targets.kinds.${kind}`) }))}
          />
        )}
      </Field>
      <Field label={fieldName("targets", "team")}>
        {(id) => (
          <Input
            id={id}
            maxLength={50}
            value={said.team}
            onChange={(event) => onChange({ team: event.target.value })}
          />
        )}
      </Field>
      {isMoney(said.kind) && (
        <Field label={fieldName("targets", "currency")}>
          {(id) => (
            <Select
              id={id}
              value={said.currency}
              onChange={(currency) => onChange({ currency })}
              options={CURRENCIES.map((value) => ({ value, label: value }))}
            />
          )}
        </Field>
      )}
    </>
  );
}

function Field({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

/** How much of the target is nobody's yet, while one types. */
function Left({ said }: { said: Said }) {
  const { t } = useTranslation();
  const whole = keptOf(said.kind, said.amount);
  const parts = said.shares.map((one) => keptOf(said.kind, one.amount));
  if (said.shares.length === 0) return <p className="muted">{t("targets.noShares")}</p>;
  if (whole === undefined || parts.some((part) => part === undefined)) return null;
  const left = parts.reduce<number>((rest, part) => rest - (part ?? 0), whole);
  return (
    <p role="status" className={left === 0 ? "muted" : "bad-text"}>
      {left === 0
        ? t("targets.addsUp")
        : t(left > 0 ? "targets.left" : "targets.tooMuch", { amount: amountSaid(said, Math.abs(left)) })}
    </p>
  );
}

function Refusal({ problem: { problem } }: { problem: Refused }) {
  const more = [problem.detail, ...(problem.errors ?? []).map(({ detail }) => detail)].filter(Boolean);
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={problemTitle(problem)}
      description={more.length ? more.join(" · ") : undefined}
    />
  );
}
