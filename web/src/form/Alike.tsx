/** Who is like what is being written: told while it is typed, and never in the way. */
import { useQuery } from "@tanstack/react-query";
import { Form, type FormInstance } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { fieldName } from "../i18n/names";
import type { Noun, Row } from "../noun/noun";

type Match = { customer_no: string; name: string; manager_name: string; because: string[] };
type Props = { noun: Noun; form: FormInstance; but: string; initial: Row | undefined };

const PAUSE_MS = 400;
const SHOWN = 5;

export default function Alike({ noun, form, but, initial }: Props) {
  const { t } = useTranslation();
  const said = (Form.useWatch([], form) ?? {}) as Row;
  const asked = useSettled(JSON.stringify(wantedOf(noun, said, initial)));
  const { data } = useQuery({
    queryKey: ["alike", noun.name, asked],
    enabled: asked !== "{}",
    retry: false,
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      const query = JSON.parse(asked) as Record<string, string>;
      return (await ask<{ items: Match[] }>("GET", noun.duplicates!.path, { query, signal })).data.items;
    },
  });
  const matches = asked === "{}" ? [] : (data ?? []).filter((one) => one.customer_no !== but).slice(0, SHOWN);
  return (
    <div role="status" className="near">
      {matches.length > 0 && (
        <div className="alike">
          <b>{t("alike.title")}</b>
          <ul>
            {matches.map((one) => (
              <li key={one.customer_no}>
                {/* Beside the form, which would be lost otherwise. */}
                <a href={`/${noun.name}/${encodeURIComponent(one.customer_no)}`} target="_blank" rel="noreferrer">
                  {one.name}
                </a>{" "}
                <span className="muted">
                  {[
                    one.customer_no,
                    one.manager_name,
                    t("alike.because", {
                      fields: one.because.map((field) => fieldName(noun.name, field)).join(t("alike.and")),
                    }),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

/** Of what was written, that which is new and long enough to tell one from another. */
export function wantedOf(noun: Noun, said: Row, initial: Row | undefined): Record<string, string> {
  const fields = noun.duplicates?.fields ?? [];
  const entries = fields.map((name) => [name, `${said[name] ?? ""}`.trim()] as const);
  return Object.fromEntries(entries.filter(([name, text]) => text.length > 1 && text !== `${initial?.[name] ?? ""}`));
}

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
