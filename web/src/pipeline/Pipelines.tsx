/** Pipelines: which stages deals go through, as a map and as a list that can be changed. */
import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import { useMay } from "../api/session";
import type { View } from "../app/search";
import { rowsQuery } from "../list/rows";
import { recordQuery } from "../record/record";
import { Failed, Loading, NoRight, Nothing } from "../shell/States";
import { useTitle } from "../shell/title";
import { NewPipeline } from "./NewPipeline";
import { pipelines } from "./noun";
import { Stages } from "./Stages";
import "../dictionary/dictionary.css";
import "./pipeline.css";

type Row = components["schemas"]["PipelineRow"];
export type Pipeline = components["schemas"]["PipelineView"];

export default function Pipelines() {
  const { t } = useTranslation();
  const may = useMay();
  useTitle(t("nouns.pipelines.many"));
  const { data, error, refetch } = useQuery(rowsQuery("/pipelines", { size: 100, sort: "code" }));
  if (!may("pipeline:read")) return <NoRight />;
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  return <Rail rows={data.items as unknown as Row[]} />;
}

function Rail({ rows }: { rows: Row[] }) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const view = useSearch({ strict: false }) as View;
  const [isNew, setNew] = useState(Boolean(view.new));
  const now = rows.find(({ code }) => code === view.code) ?? rows[0];
  const go = (code: string) => navigate({ to: "/pipelines" as never, search: { code } as never });
  const told = (row: Row) => (row.is_active ? row.name : `${row.name} (${t("pipeline.closed")})`);
  return (
    <div className="page">
      <header className="title">
        <h1>{t("nouns.pipelines.many")}</h1>
        <span className="grow" />
        {may("pipeline:write") && now && (
          <Button icon={<PlusOutlined aria-hidden />} onClick={() => setNew(true)}>
            {t("nouns.pipelines.new")}
          </Button>
        )}
      </header>
      {now ? (
        <div className="railed">
          <nav className="rail" aria-label={t("nouns.pipelines.many")}>
            <ul>
              {rows.map((row) => (
                <li key={row.code}>
                  <button
                    type="button"
                    aria-current={row.code === now.code ? "true" : undefined}
                    onClick={() => go(row.code)}
                  >
                    {told(row)}
                  </button>
                </li>
              ))}
            </ul>
          </nav>
          <Select
            className="rail-select"
            aria-label={t("nouns.pipelines.many")}
            value={now.code}
            onChange={go}
            options={rows.map((row) => ({ value: row.code, label: told(row) }))}
          />
          <One key={now.code} code={now.code} />
        </div>
      ) : (
        <Nothing noun={pipelines} isFiltered={false} onClear={() => undefined} />
      )}
      {isNew && now && (
        <NewPipeline
          from={now.code}
          onClose={() => setNew(false)}
          onMade={(code) => {
            setNew(false);
            go(code);
          }}
        />
      )}
    </div>
  );
}

function One({ code }: { code: string }) {
  const { data, error, refetch } = useQuery(recordQuery(pipelines, code));
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  return <Stages key={data.etag} pipeline={data.record as unknown as Pipeline} etag={data.etag} />;
}

/** What a new one begins with. */
export const stagesOf = async (code: string) =>
  (await ask<Pipeline>("GET", `/pipelines/${encodeURIComponent(code)}`)).data.stages;
