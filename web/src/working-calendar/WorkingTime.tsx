/** When the service desk works, and how soon it promises to answer and to settle. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import { useMay } from "../api/session";
import { Failed, Loading, NoRight } from "../shell/States";
import { useTitle } from "../shell/title";
import { Calendar } from "./Calendar";
import { Promises } from "./Promises";
import "./working-calendar.css";

export type CalendarView = components["schemas"]["CalendarView"];

export default function WorkingTime() {
  const { t } = useTranslation();
  const may = useMay();
  useTitle(t("working.title"));
  if (!may("promise:read")) return <NoRight />;
  return (
    <div className="page">
      <header className="title">
        <h1>{t("working.title")}</h1>
      </header>
      <div className="working">
        <Kept isReadOnly={!may("promise:write")} />
        <Promises isReadOnly={!may("promise:write")} />
      </div>
    </div>
  );
}

function Kept({ isReadOnly }: { isReadOnly: boolean }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["record", "working-calendar"],
    queryFn: ({ signal }) => ask<CalendarView>("GET", "/working-calendar", { signal }),
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  return <Calendar key={data.etag} calendar={data.data} etag={data.etag} isReadOnly={isReadOnly} />;
}
