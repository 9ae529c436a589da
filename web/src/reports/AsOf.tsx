/** The time slider: a report as it was at any moment of its past. It works like any slider, by arrow keys too. */
import { HistoryOutlined } from "@ant-design/icons";
import { Alert, Button, Input } from "antd";
import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { View } from "../app/search";
import { useDirectory } from "./directory";
import { asSecond } from "./say";

/** How long a hand rests on the slider before the report is asked for. */
const REST = 250;
const STEPS = 400;

type Props = { view: View; onChange: (change: View) => void };

/** What opens the slider. */
export function AsOfButton({ view, onChange }: Props) {
  const { t } = useTranslation();
  const isOpen = view.past === "1" || Boolean(view.as_of);
  return (
    <Button
      icon={<HistoryOutlined aria-hidden />}
      aria-expanded={isOpen}
      onClick={() => onChange(isOpen ? { past: undefined, as_of: undefined } : { past: "1" })}
    >
      {t("reports.asOf")}
    </Button>
  );
}

export function AsOf({ view, onChange }: Props) {
  const { t } = useTranslation();
  const { data } = useDirectory();
  if (!data || (view.past !== "1" && !view.as_of)) return null;
  if (!data.begins_at) return <p className="past muted">{t("reports.noPast")}</p>;
  return (
    <section className="past" aria-label={t("reports.asOf")}>
      {view.as_of && <Banner at={view.as_of} begins={data.begins_at} onNow={() => onChange({ as_of: undefined })} />}
      <Slider begins={data.begins_at} at={view.as_of} onChange={(as_of) => onChange({ as_of })} />
    </section>
  );
}

function Banner({ at, begins, onNow }: { at: string; begins: string; onNow: () => void }) {
  const { t } = useTranslation();
  const isBefore = new Date(at) < new Date(begins);
  return (
    <Alert
      type="warning"
      showIcon
      role="status"
      title={t("reports.banner", { at: said(at) })}
      description={isBefore ? t("reports.beforeAll", { at: asSecond(begins) }) : undefined}
      action={
        <Button size="small" onClick={onNow}>
          {t("reports.backToNow")}
        </Button>
      }
    />
  );
}

const said = (moment: string) => (Number.isNaN(Date.parse(moment)) ? moment : asSecond(moment));

type Sliding = { begins: string; at: string | undefined; onChange: (at: string | undefined) => void };

/** At its right end it is now, and goes on with it. */
function Slider({ begins, at, onChange }: Sliding) {
  const { t } = useTranslation();
  const id = useId();
  const first = Math.floor(Date.parse(begins) / 1000);
  const [last] = useState(() => Math.floor(Date.now() / 1000));
  const asked = Math.floor(Date.parse(at ?? "") / 1000);
  const told = Number.isNaN(asked) ? last : asked;
  const [now, setNow] = useState(told);
  useEffect(() => setNow(told), [told]);
  useEffect(() => {
    if (now === told) return;
    const timer = setTimeout(() => onChange(momentOf(now, last)), REST);
    return () => clearTimeout(timer);
  }, [now, told, last, onChange]);
  const step = Math.max(1, Math.round((last - first) / STEPS));
  const move = (seconds: number) => setNow(seconds + step > last ? last : seconds);
  return (
    <div className="slider">
      <label htmlFor={id}>{t("reports.moment")}</label>
      <input
        id={id}
        type="range"
        min={first}
        max={last}
        step={step}
        value={Math.min(Math.max(now, first), last)}
        aria-valuetext={now >= last ? t("reports.now") : asSecond(new Date(now * 1000).toISOString())}
        onChange={(event) => move(Number(event.target.value))}
      />
      <Input
        type="datetime-local"
        step={1}
        aria-label={t("reports.exactly")}
        value={localOf(now)}
        onChange={({ target: { value } }) => value && setNow(Math.floor(Date.parse(value) / 1000))}
      />
    </div>
  );
}

function momentOf(seconds: number, last: number): string | undefined {
  return seconds === last ? undefined : new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** In the reader's own time, as the browser's field wants it. */
function localOf(seconds: number): string {
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
