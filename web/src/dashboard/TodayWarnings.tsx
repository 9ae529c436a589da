/** On Today: the warnings of those reports that one may read, when there are any. */
import { useQueries } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { useMay } from "../api/session";
import { Failed, Loading } from "../shell/States";
import { type Warned, Warnings } from "./Warnings";

const KINDS = [
  ["sales", "report:performance"],
  ["customer", "report:loss"],
  ["service", "report:service"],
] as const;

/** Whoever has nothing else to do is told, too, that nothing is wrong. */
export default function TodayWarnings({ isAlone }: { isAlone: boolean }) {
  const { t } = useTranslation();
  const may = useMay();
  const answers = useQueries({
    queries: KINDS.filter(([, right]) => may(right)).map(([kind]) => ({
      queryKey: ["report", `${kind}-warnings`, {}],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await ask<{ items: Warned[] }>("GET", `/reports/${kind}-warnings`, { signal })).data,
      staleTime: 60_000,
    })),
  });
  const warnings = answers.flatMap(({ data }) => data?.items ?? []).filter(({ records }) => records > 0);
  const failed = answers.find(({ error }) => error);
  const isWaiting = answers.some(({ isPending }) => isPending);
  if (warnings.length === 0 && !failed && (isWaiting || !isAlone)) return isAlone ? <Loading /> : null;
  return (
    <section className="box" aria-labelledby="today-warnings">
      <div className="box-head">
        <h2 id="today-warnings">{t("dashboard.warnings")}</h2>
      </div>
      {failed?.error ? (
        <Failed error={failed.error} onRetry={failed.refetch} />
      ) : warnings.length === 0 ? (
        <p className="jobs muted">{t("dashboard.noWarnings")}</p>
      ) : (
        <Warnings warnings={warnings} />
      )}
    </section>
  );
}
