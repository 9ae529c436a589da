/** What a report is asked: by what it puts together, of which period, and narrowed to what. */
import { CloseOutlined, FilterOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Popover, Segmented, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { View } from "../app/search";
import { codesOf } from "../i18n/names";
import { answerOf } from "./answer";
import { type Directory, findReport, nameOf, type Report, useDirectory, wordOf } from "./directory";
import { periodsOf } from "./period";
import { valueName } from "./say";

type Props = { report: Report; view: View; onChange: (change: View) => void };

/** By what lines are put together. */
export function By({ report, view, onChange }: Props) {
  const { t } = useTranslation();
  if (report.by.length === 0) return null;
  const options = report.by.map((value) => ({ value, label: wordOf(report, value) }));
  const known = report.by.includes(view.by ?? "") ? view.by! : report.by[0]!;
  // Another way to put together has other lines: what they were sorted by may not be there.
  const choose = (by: string) => onChange({ by, sort: undefined });
  return <Segmented aria-label={t("reports.by")} value={known} onChange={choose} options={options} />;
}

export function PeriodOf({ report, view, onChange }: Props) {
  const { t } = useTranslation();
  if (report.filters.includes("year")) return <Year view={view} onChange={onChange} />;
  if (!report.filters.includes("from")) return null;
  const periods = periodsOf(new Date());
  const known = periods.find(({ from, to }) => from === view.from && to === view.to)?.key;
  const isAll = !view.from && !view.to;
  const choose = (key: string) => {
    const period = periods.find((one) => one.key === key);
    onChange({ from: period?.from, to: period?.to });
  };
  return (
    <span className="period">
      <Select
        aria-label={t("reports.period")}
        value={known ?? (isAll ? "all" : "own")}
        onChange={choose}
        options={[
          { value: "all", label: t("reports.periods.all") },
          ...periods.map(({ key }) => ({ value: key, label: t(`reports.periods.${key}`) })),
          ...(known || isAll ? [] : [{ value: "own", label: t("reports.periods.own") }]),
        ]}
      />
      {(["from", "to"] as const).map((name) => (
        <Input
          key={name}
          type="month"
          aria-label={wordOf(report, name)}
          value={view[name] ?? ""}
          onChange={({ target: { value } }) => onChange({ [name]: value || undefined })}
        />
      ))}
    </span>
  );
}

function Year({ view, onChange }: Omit<Props, "report">) {
  const { t } = useTranslation();
  const years = Array.from({ length: 20 }, (_, ago) => `${new Date().getFullYear() - ago}`);
  return (
    <Select
      aria-label={t("reports.year")}
      value={view.year ?? ""}
      onChange={(year) => onChange({ year: year || undefined })}
      options={[{ value: "", label: t("reports.allYears") }, ...years.map((year) => ({ value: year, label: year }))]}
    />
  );
}

const ASKED_ELSEWHERE = ["from", "to", "year"];

/** A chip for each filter that is set, and what sets another one. */
export function Narrowing({ report, view, onChange }: Props) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const names = report.filters.filter((name) => !ASKED_ELSEWHERE.includes(name));
  if (names.length === 0) return null;
  return (
    <fieldset className="filters" aria-label={t("list.filters")}>
      {names
        .filter((name) => view[name] !== undefined)
        .map((name) => (
          <Chip key={name} report={report} name={name} value={view[name]!} onChange={onChange} />
        ))}
      <Popover
        open={isOpen}
        onOpenChange={setOpen}
        trigger="click"
        placement="bottomLeft"
        destroyOnHidden
        content={<Fields report={report} names={names} view={view} onChange={onChange} />}
      >
        <Button size="small" icon={<FilterOutlined aria-hidden />} aria-expanded={isOpen}>
          {t("list.filter")}
        </Button>
      </Popover>
    </fieldset>
  );
}

/** What a filter is set to, where it can only be read. */
export function Still({ report, name, value }: Omit<OfOne, "onChange">) {
  const { t } = useTranslation();
  return (
    <span className="chip still">
      {wordOf(report, name)}
      {t("list.is")}
      <b>{useSaid(report, name, value)}</b>
    </span>
  );
}

/** A number of somebody, or of something, reads as its name. */
function useSaid(report: Report, name: string, value: string): string {
  const options = useChoices(report, name);
  const by = name === "from" || name === "to" ? "month" : name;
  return options?.find((one) => one.value === value)?.label ?? valueName(by, value);
}

type OfOne = { report: Report; name: string; value: string; onChange: Props["onChange"] };

function Chip({ report, name, value, onChange }: OfOne) {
  const { t } = useTranslation();
  const said = useSaid(report, name, value);
  const field = wordOf(report, name);
  return (
    <span className="chip">
      {field}
      {t("list.is")}
      <b>{said}</b>
      <button type="button" aria-label={t("list.without", { field })} onClick={() => onChange({ [name]: undefined })}>
        <CloseOutlined aria-hidden />
      </button>
    </span>
  );
}

function Fields({ report, names, view, onChange }: Props & { names: string[] }) {
  return (
    <div className="adding">
      {names.map((name) => (
        <Field key={name} report={report} name={name} value={view[name] ?? ""} onChange={onChange} />
      ))}
    </div>
  );
}

function Field({ report, name, value, onChange }: OfOne) {
  const id = useId();
  const options = useChoices(report, name);
  const [text, setText] = useState(value);
  const label = wordOf(report, name);
  const say = (said: string | undefined) => onChange({ [name]: said || undefined });
  if (options)
    return (
      <div className="field">
        <label htmlFor={id}>{label}</label>
        <Select
          id={id}
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          value={value || null}
          onChange={say}
          options={options}
        />
      </div>
    );
  // What has to be chosen, and cannot be by this reader, is not asked for by its number.
  if (/_id$/.test(name) || ["person", "unit", "campaign", "month"].includes(name)) return null;
  const type = /^created_/.test(name) ? "date" : "text";
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <Input
        id={id}
        type={type}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => say(text.trim())}
        onPressEnter={() => say(text.trim())}
      />
    </div>
  );
}

type Option = { value: string; label: string };
/** Filter → the way of putting together that tells its values, and a report that does it where this one does not. */
const SAME: Record<string, [string, string]> = {
  person: ["person", "performance"],
  owner_id: ["person", "performance"],
  manager_id: ["person", "revenue"],
  salesperson_id: ["salesperson", "sales"],
  unit_id: ["unit", "performance"],
  unit: ["unit", "performance"],
  campaign_id: ["campaign", "campaign-effect"],
  region: ["region", "revenue"],
};

/** What a filter can be set to, of that which there is in the figures; nothing where it can be anything. */
function useChoices(report: Report, name: string): Option[] | undefined {
  const { data: directory } = useDirectory();
  const codes = name === "status" ? codesOf("opportunities", "status") : undefined;
  const [by, other] = SAME[name] ?? [name, ""];
  const from = report.by.includes(by) ? report : otherOf(directory, other);
  const { data } = useQuery({
    queryKey: ["report", from ? nameOf(from) : "", { by }],
    queryFn: ({ signal }) => answerOf(from!, { by }, signal),
    enabled: !codes && Boolean(from),
    staleTime: 300_000,
  });
  if (codes) return Object.entries(codes).map(([value, label]) => ({ value, label }));
  if (!from) return undefined;
  return (data?.items ?? []).flatMap((item) => {
    const value = item.value ?? item[name] ?? item[by];
    const label = valueName(by, value, item.name ?? item.salesperson_name);
    return value === null || value === undefined ? [] : [{ value: `${value}`, label }];
  });
}

function otherOf(directory: Directory | undefined, name: string): Report | undefined {
  const found = directory && findReport(directory, name);
  return found?.is_allowed ? found : undefined;
}
