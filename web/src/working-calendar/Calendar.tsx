/** The week, days off and extra days of the service desk. */
import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Alert, App, Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import { asDay } from "../i18n/format";
import { problemTitle } from "../i18n/names";
import { useRefresh } from "../record/record";
import { dayName, nextSpan, type Span, spanOf, textOf } from "./spans";
import type { CalendarView } from "./WorkingTime";

type Props = { calendar: CalendarView; etag: string; isReadOnly: boolean };

export function Calendar({ calendar, etag, isReadOnly }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const refresh = useRefresh();
  const [zone, setZone] = useState(calendar.zone);
  const [week, setWeek] = useState<Span[][]>(() => calendar.week.map((day) => day.map(spanOf)));
  const [daysOff, setDaysOff] = useState(calendar.days_off);
  const [extraDays, setExtraDays] = useState(calendar.extra_days);
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>();
  const faults = refused?.problem.errors ?? [];
  const faultAt = (pointer: string) => faults.find((fault) => fault.pointer === pointer)?.detail;
  const save = async () => {
    setBusy(true);
    setRefused(undefined);
    try {
      const body = { zone, week: week.map((day) => day.map(textOf)), days_off: daysOff, extra_days: extraDays };
      await ask("PUT", "/working-calendar", { body, etag });
      message.success(t("record.saved"));
      await refresh();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error);
    } finally {
      setBusy(false);
    }
  };
  const zones = [...new Set([zone, ...Intl.supportedValuesOf("timeZone")])];
  return (
    <section className="box" aria-label={t("working.calendar")}>
      <h2>{t("working.calendar")}</h2>
      <div className="inner">
        {refused && (
          <Alert
            type="error"
            showIcon
            role="alert"
            title={problemTitle(refused.problem)}
            description={[refused.problem.detail, faultAt("/week")].filter(Boolean).join(" · ")}
          />
        )}
        <div className="zone">
          <label htmlFor="zone">{t("working.zone")}</label>
          <Select
            id="zone"
            value={zone}
            disabled={isReadOnly}
            onChange={setZone}
            showSearch
            status={faultAt("/zone") ? "error" : ""}
            options={zones.map((value) => ({ value, label: value }))}
          />
          {faultAt("/zone") && <span className="bad-text">{faultAt("/zone")}</span>}
        </div>
        <ul className="week">
          {week.map((day, at) => (
            <Day
              key={at}
              at={at}
              day={day}
              isReadOnly={isReadOnly}
              faultAt={(place) => faultAt(`/week/${at}/${place}`)}
              onChange={(changed) => setWeek(week.map((one, place) => (place === at ? changed : one)))}
            />
          ))}
        </ul>
        <Days title={t("working.daysOff")} days={daysOff} isReadOnly={isReadOnly} onChange={setDaysOff} />
        <Days title={t("working.extraDays")} days={extraDays} isReadOnly={isReadOnly} onChange={setExtraDays} />
        <p className="muted">{t("working.extraMore")}</p>
      </div>
      {!isReadOnly && (
        <div className="foot">
          <Button type="primary" loading={isBusy} onClick={save}>
            {t("form.save")}
          </Button>
        </div>
      )}
    </section>
  );
}

type DayProps = {
  at: number;
  day: Span[];
  isReadOnly: boolean;
  faultAt: (place: number) => string | undefined;
  onChange: (day: Span[]) => void;
};

function Day({ at, day, isReadOnly, faultAt, onChange }: DayProps) {
  const { t, i18n } = useTranslation();
  const name = dayName(at, i18n.language);
  const put = (place: number, part: Partial<Span>) =>
    onChange(day.map((span, one) => (one === place ? { ...span, ...part } : span)));
  return (
    <li aria-label={name}>
      <b>{name}</b>
      <div className="spans">
        {day.length === 0 && <span className="muted">{t("working.free")}</span>}
        {day.map((span, place) => (
          <span className="span" key={place}>
            {(["begins", "ends"] as const).map((end) => (
              <Input
                key={end}
                type="time"
                readOnly={isReadOnly}
                value={span[end]}
                status={faultAt(place) ? "error" : ""}
                aria-label={t(`working.${end}`, { day: name, number: place + 1 })}
                onChange={(event) => put(place, { [end]: event.target.value })}
              />
            ))}
            {!isReadOnly && (
              <Button
                type="text"
                size="small"
                icon={<CloseOutlined aria-hidden />}
                aria-label={t("working.remove", { day: name, number: place + 1 })}
                onClick={() => onChange(day.filter((_, one) => one !== place))}
              />
            )}
            {faultAt(place) && (
              <span className="bad-text" role="alert">
                {faultAt(place)}
              </span>
            )}
          </span>
        ))}
        {!isReadOnly && day.length < 6 && (
          <Button
            type="text"
            size="small"
            icon={<PlusOutlined aria-hidden />}
            aria-label={t("working.add", { day: name })}
            onClick={() => onChange([...day, nextSpan(day)])}
          />
        )}
      </div>
    </li>
  );
}

type DaysProps = { title: string; days: string[]; isReadOnly: boolean; onChange: (days: string[]) => void };

function Days({ title, days, isReadOnly, onChange }: DaysProps) {
  const { t } = useTranslation();
  const [day, setDay] = useState("");
  return (
    <div className="days">
      <b>{title}</b>
      {days.length === 0 && <span className="muted">{t("record.nothing")}</span>}
      {days.map((one) => (
        <span className="tag" key={one}>
          {asDay(one)}
          {!isReadOnly && (
            <Button
              type="text"
              size="small"
              icon={<CloseOutlined aria-hidden />}
              aria-label={t("working.removeDay", { day: asDay(one) })}
              onClick={() => onChange(days.filter((other) => other !== one))}
            />
          )}
        </span>
      ))}
      {!isReadOnly && (
        <span className="add-day">
          <Input type="date" value={day} aria-label={title} onChange={(event) => setDay(event.target.value)} />
          <Button
            disabled={!day}
            onClick={() => {
              onChange([...new Set([...days, day])].sort());
              setDay("");
            }}
          >
            {t("working.addDay")}
          </Button>
        </span>
      )}
    </div>
  );
}
