/** Files that came in before: what became of each, and a way back to it. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { asMoment, asNumber } from "../i18n/format";
import { rowsQuery } from "../list/rows";

type Past = {
  id: number;
  file_name: string;
  owner_name: string;
  created_at: string;
  state: string;
  rows_total: number;
};
const SHOWN = 5;

export function Earlier({ path, onOpen }: { path: string; onOpen: (id: number) => void }) {
  const { t } = useTranslation();
  const { data } = useQuery({ ...rowsQuery(path, { size: SHOWN, total: false }), staleTime: 0 });
  const items = (data?.items ?? []) as unknown as Past[];
  if (items.length === 0) return null;
  return (
    <section className="earlier" aria-labelledby="earlier">
      <h2 id="earlier">{t("import.earlier")}</h2>
      <ul className="jobs">
        {items.map((one) => (
          <li key={one.id}>
            <button type="button" className="open" onClick={() => onOpen(one.id)}>
              {one.file_name}
            </button>
            <span>{t(`import.states.${one.state}`)}</span>
            <span className="muted">
              {t("import.rows", { count: one.rows_total, rows: asNumber(one.rows_total) })} · {one.owner_name} ·{" "}
              {asMoment(one.created_at)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
