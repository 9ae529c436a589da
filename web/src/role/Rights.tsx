/** What a role may do, module by module; kept with one click and in force within seconds. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import { meQuery, useMay } from "../api/session";
import { languageNow } from "../i18n";
import { problemTitle } from "../i18n/names";
import { filled, type TabProps } from "../noun/noun";
import { useRefresh } from "../record/record";
import { Failed, Loading } from "../shell/States";

type Part = { code: string; text: string; text_en: string; children?: Part[] };

export default function Rights({ noun, id, record, etag }: TabProps) {
  const { t } = useTranslation();
  const { message, notification } = App.useApp();
  const may = useMay();
  const cache = useQueryClient();
  const refresh = useRefresh();
  const had = record.rights as string[];
  const [wanted, setWanted] = useState<string[]>(had);
  const { data, error, refetch } = useQuery({
    queryKey: ["rights"],
    queryFn: async ({ signal }) => (await ask<{ items: Part[] }>("GET", "/rights", { signal })).data.items,
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const isReadOnly = !may("role:write");
  const isSame = wanted.length === had.length && wanted.every((code) => had.includes(code));
  const put = (codes: string[], isOn: boolean) =>
    setWanted((now) => (isOn ? [...new Set([...now, ...codes])] : now.filter((code) => !codes.includes(code))));
  const save = async () => {
    try {
      await ask("PUT", `${filled(noun.record!, id)}/rights`, { body: { rights: wanted }, etag });
      message.success(t("record.saved"));
      await Promise.all([refresh(), cache.invalidateQueries(meQuery)]);
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      notification.error({ title: problemTitle(refused.problem), description: refused.problem.detail });
    }
  };
  return (
    <div className="rights">
      {data.map((module) => (
        <Module key={module.code} module={module} wanted={wanted} isReadOnly={isReadOnly} onPut={put} />
      ))}
      {!isReadOnly && (
        <div className="foot">
          <Button type="primary" disabled={isSame} onClick={save}>
            {t("form.save")}
          </Button>
          <Button disabled={isSame} onClick={() => setWanted(had)}>
            {t("form.cancel")}
          </Button>
        </div>
      )}
    </div>
  );
}

type ModuleProps = {
  module: Part;
  wanted: string[];
  isReadOnly: boolean;
  onPut: (codes: string[], isOn: boolean) => void;
};

function Module({ module, wanted, isReadOnly, onPut }: ModuleProps) {
  const said = (part: Part) => (languageNow() === "en" ? part.text_en : part.text);
  const codes = (module.children ?? []).flatMap(({ children }) => (children ?? []).map(({ code }) => code));
  const has = codes.filter((code) => wanted.includes(code)).length;
  return (
    <fieldset>
      <legend>
        <Checkbox
          checked={has === codes.length && has > 0}
          indeterminate={has > 0 && has < codes.length}
          disabled={isReadOnly}
          onChange={(event) => onPut(codes, event.target.checked)}
        >
          <b>{said(module)}</b>
        </Checkbox>
      </legend>
      {(module.children ?? []).map((part) => (
        <div className="function" key={part.code}>
          <span className="muted">{said(part)}</span>
          <div>
            {(part.children ?? []).map((operation) => (
              <Checkbox
                key={operation.code}
                checked={wanted.includes(operation.code)}
                disabled={isReadOnly}
                onChange={(event) => onPut([operation.code], event.target.checked)}
              >
                {said(operation)}
              </Checkbox>
            ))}
          </div>
        </div>
      ))}
    </fieldset>
  );
}
