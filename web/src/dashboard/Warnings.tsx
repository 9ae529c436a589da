/** What waits or is in danger: how much of it, why it is a warning, and the records that it is about. */
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import { asNumber } from "../i18n/format";
import { type Directory, nameOf, useDirectory, wordOf } from "../reports/directory";
import { ReportLink, Way } from "../reports/Links";
import { asSecond } from "../reports/say";
import "../reports/reports.css";
import { languageNow } from "../i18n";

export type Warned = components["schemas"]["DashboardWarning"];
type Found = components["schemas"]["RecordView"];
const SOME = 5;

export function Warnings({ warnings }: { warnings: Warned[] }) {
  const { data: directory } = useDirectory();
  return (
    <ul className="jobs warnings">
      {warnings.map((one) => (
        <One key={one.warning} warned={one} name={nameOfWarning(directory, one.warning)} />
      ))}
    </ul>
  );
}

function nameOfWarning(directory: Directory | undefined, warning: string): string {
  const report = directory?.items.find((one) => /-warnings$/.test(nameOf(one)) && one.figures.includes(warning));
  return report ? wordOf(report, warning) : warning;
}

function One({ warned, name }: { warned: Warned; name: string }) {
  const { t } = useTranslation();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const address = warned.drill.records ?? "";
  return (
    <li>
      <div className="warned">
        <ReportLink to={address}>{name}</ReportLink>
        <b>{asNumber(warned.records)}</b>
        <Button
          size="small"
          aria-expanded={isOpen}
          aria-controls={id}
          aria-label={t("dashboard.whyThis", { name })}
          onClick={() => setOpen(!isOpen)}
        >
          {t("dashboard.why")}
        </Button>
      </div>
      <div id={id} hidden={!isOpen}>
        {isOpen && <Why warned={warned} address={address} />}
      </div>
    </li>
  );
}

/** The rule, the moment at which it was asked, and the first records of which it is true. */
function Why({ warned, address }: { warned: Warned; address: string }) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ["drill", address, SOME],
    queryFn: async ({ signal }) =>
      (await ask<{ items: Found[] }>("GET", `${address.replace("/api", "")}&size=${SOME}&total=false`, { signal })).data
        .items,
  });
  const left = warned.records - (data?.length ?? 0);
  return (
    <div className="why">
      <p>{languageNow() === "en" ? warned.rule_en : warned.rule}</p>
      <p className="muted">{t("dashboard.asked", { at: asSecond(warned.at), count: warned.records })}</p>
      <ul>
        {data?.map((one) => (
          <li key={one.id}>
            <Way to={one.link}>
              {t(`reports.records.${one.record}`)} {one.id}
            </Way>
            <span className="muted">{[one.customer_name, one.person_name].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
      {data && left > 0 && <ReportLink to={address}>{t("dashboard.more", { count: left })}</ReportLink>}
    </div>
  );
}
