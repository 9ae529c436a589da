/** What teams are to reach, month by month; whoever sets targets splits them among people here. */
import { DownloadOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Drawer, Dropdown, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { addressOf, ask } from "../api/http";
import type { components } from "../api/schema";
import { useMay } from "../api/session";
import type { View } from "../app/search";
import { languageNow } from "../i18n";
import { asMoney, asNumber } from "../i18n/format";
import { fieldName } from "../i18n/names";
import { Pager } from "../list/Pager";
import { rowsQuery } from "../list/rows";
import { monthName } from "../reports/say";
import { Failed, Loading, NoRight, State } from "../shell/States";
import { useTitle } from "../shell/title";
import { isMoney } from "./amount";
import { TargetForm } from "./TargetForm";
import "../reports/reports.css";

export type Target = components["schemas"]["TargetView"];
type Row = components["schemas"]["TargetRow"];
export const KINDS = ["sales", "new-customers", "leads"] as const;

export default function Targets() {
  const { t } = useTranslation();
  const may = useMay();
  useTitle(t("targets.title"));
  if (!may("target:read")) return <NoRight />;
  return <List />;
}

function List() {
  const { t } = useTranslation();
  const may = useMay();
  const view = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const asked = { month: view.month, kind: view.kind, team: view.team };
  const { data, error, refetch } = useQuery(
    rowsQuery("/targets", { ...asked, page: view.page ?? "1", size: view.size ?? "20" }),
  );
  const change = (next: View) =>
    navigate({ to: ".", search: { ...view, page: undefined, ...next } as never, replace: true });
  const close = () => change({ open: undefined, new: undefined, page: view.page });
  return (
    <div className="page report">
      <header className="title">
        <h1>
          {t("targets.title")}
          {data && <span className="count">{asNumber(data.total ?? 0)}</span>}
        </h1>
        <span className="grow" />
        <Export query={asked} />
        {may("target:write") && (
          <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => change({ new: "1" })}>
            {t("targets.new")}
          </Button>
        )}
      </header>
      <div className="asking">
        <Input
          type="month"
          className="one-month"
          aria-label={fieldName("targets", "month")}
          value={view.month ?? ""}
          onChange={({ target: { value } }) => change({ month: value || undefined })}
        />
        <Select
          aria-label={fieldName("targets", "kind")}
          value={view.kind ?? ""}
          onChange={(kind) => change({ kind: kind || undefined })}
          popupMatchSelectWidth={false}
          options={[
            { value: "", label: t("targets.allKinds") },
            ...KINDS.map((kind) => ({ value: kind, label: t(`targets.kinds.${kind}`) })),
          ]}
        />
      </div>
      {error ? (
        <Failed error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading />
      ) : data.items.length === 0 ? (
        <State title={t("targets.nothing")} />
      ) : (
        <section className="box behind">
          <div className="sheet">
            <Rows rows={data.items as unknown as Row[]} onOpen={(id) => change({ open: `${id}`, page: view.page })} />
          </div>
          <Pager
            page={data}
            onPage={(page) => change({ page: `${page}` })}
            onSize={(size) => change({ size, page: undefined })}
          />
        </section>
      )}
      {(view.open || view.new) && (
        <Drawer open title={view.new ? t("targets.new") : t("targets.one")} onClose={close} size="large">
          {view.new ? <TargetForm onDone={close} onClose={close} /> : <One id={view.open!} onClose={close} />}
        </Drawer>
      )}
    </div>
  );
}

function Rows({ rows, onOpen }: { rows: Row[]; onOpen: (id: number) => void }) {
  const { t } = useTranslation();
  return (
    <table className="rows" aria-label={t("targets.title")}>
      <thead>
        <tr>
          <th>{fieldName("targets", "month")}</th>
          <th>{fieldName("targets", "kind")}</th>
          <th>{fieldName("targets", "team")}</th>
          <th className="right">{fieldName("targets", "amount")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>
              <button type="button" className="open" onClick={() => onOpen(row.id)}>
                {monthName(row.month)}
              </button>
            </td>
            <td>{t(`targets.kinds.${row.kind}`)}</td>
            <td>{row.team || t("targets.noTeam")}</td>
            <td className="right">{amountSaid(row, row.amount)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function amountSaid({ kind, currency }: { kind: string; currency: string }, amount: number): string {
  return isMoney(kind) ? asMoney(amount / 100, currency) : asNumber(amount);
}

/** One target with its shares; for whoever may, with what changes it. */
function One({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const { data, error, refetch } = useQuery({
    queryKey: ["record", "targets", id],
    queryFn: ({ signal }) => ask<Target>("GET", `/targets/${encodeURIComponent(id)}`, { signal }),
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const target = data.data;
  if (may("target:write"))
    return <TargetForm key={data.etag} target={target} etag={data.etag} onDone={onClose} onClose={onClose} />;
  return (
    <>
      <p>
        {monthName(target.month)} · {t(`targets.kinds.${target.kind}`)} · {target.team || t("targets.noTeam")} ·{" "}
        <b>{amountSaid(target, target.amount)}</b>
      </p>
      {target.shares.length === 0 && <p className="muted">{t("targets.noShares")}</p>}
      <table className="rows" aria-label={t("targets.shares")}>
        <tbody>
          {target.shares.map((share) => (
            <tr key={share.owner_id}>
              <th scope="row">{share.owner_name || share.owner_id}</th>
              <td className="right">{amountSaid(target, share.amount)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Export({ query }: { query: Record<string, string | undefined> }) {
  const { t } = useTranslation();
  const lang = languageNow() === "en" ? "en" : "zh";
  const items = ["xlsx", "csv"].map((format) => ({
    key: format,
    label: (
      <a href={addressOf("/targets/export", { ...query, format, lang })} download>
        {t("list.exportAs", { format: format.toUpperCase() })}
      </a>
    ),
  }));
  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <Button icon={<DownloadOutlined aria-hidden />} aria-label={t("list.export")} title={t("list.export")} />
    </Dropdown>
  );
}
