/** Modules and functions as a tree with switches: what is off is closed to everybody. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Modal, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import type { components } from "../api/schema";
import { meQuery, useMay } from "../api/session";
import { languageNow } from "../i18n";
import { problemTitle } from "../i18n/names";
import { Failed, Loading, NoRight } from "../shell/States";
import { useTitle } from "../shell/title";
import { holdersOf } from "./holders";
import "./module.css";

type Schemas = components["schemas"];
export type Folder = Schemas["FolderView"];
export type Part = Folder | Schemas["DocumentView"];
type RoleNames = Record<string, string>;

const said = (part: { text: string; text_en: string }) => (languageNow() === "en" ? part.text_en : part.text);

export default function Modules() {
  const { t } = useTranslation();
  const may = useMay();
  useTitle(t("modulesPage.title"));
  if (!may("role:read")) return <NoRight />;
  return (
    <div className="page">
      <header className="title">
        <h1>{t("modulesPage.title")}</h1>
      </header>
      <section className="box modules">
        <p className="muted">{t("modulesPage.more")}</p>
        <Tree />
      </section>
    </div>
  );
}

function Tree() {
  const may = useMay();
  const [asked, setAsked] = useState<Part>();
  const [refused, setRefused] = useState<{ code: string; why: string }>();
  const cache = useQueryClient();
  const rights = useQuery({
    queryKey: ["rights"],
    queryFn: async ({ signal }) => (await ask<{ items: Folder[] }>("GET", "/rights", { signal })).data.items,
  });
  const roles = useQuery({
    queryKey: ["list", "/roles", "names"],
    queryFn: async ({ signal }) =>
      (await ask<Schemas["RoleRowPage"]>("GET", "/roles", { query: { size: 200, total: false }, signal })).data.items,
  });
  if (rights.error) return <Failed error={rights.error} onRetry={rights.refetch} />;
  if (!rights.data) return <Loading />;
  const names: RoleNames = Object.fromEntries((roles.data ?? []).map((role) => [role.code, role.name]));
  const turn = async (part: Part) => {
    setRefused(undefined);
    try {
      await ask("POST", `/rights/${encodeURIComponent(part.code)}/${part.is_on ? "disable" : "enable"}`);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused({ code: part.code, why: problemTitle(error.problem) });
    }
    setAsked(undefined);
    await Promise.all([cache.invalidateQueries({ queryKey: ["rights"] }), cache.invalidateQueries(meQuery)]);
  };
  const common = { names, refused, onTurn: may("role:write") ? setAsked : undefined };
  return (
    <>
      <ul className="switches">
        {rights.data.map((folder) => (
          <li key={folder.code}>
            <Entry part={folder} isOpen {...common} />
            <ul>
              {folder.children.map((document) => (
                <li key={document.code}>
                  <Entry part={document} isOpen={folder.is_on} {...common} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {asked && <Sure part={asked} names={names} onTurn={turn} onClose={() => setAsked(undefined)} />}
    </>
  );
}

type EntryProps = {
  part: Part;
  names: RoleNames;
  /** Whether the module above it is on. */
  isOpen: boolean;
  refused: { code: string; why: string } | undefined;
  onTurn: ((part: Part) => void) | undefined;
};

function Entry({ part, names, isOpen, refused, onTurn }: EntryProps) {
  const { t } = useTranslation();
  const holders = holdersOf(part);
  const isShut = !part.is_on || !isOpen;
  return (
    <div className={isShut ? "entry shut" : "entry"}>
      <Switch
        size="small"
        checked={part.is_on}
        disabled={!onTurn}
        aria-label={said(part)}
        onChange={() => onTurn?.(part)}
      />
      <span className="name">{said(part)}</span>
      {isShut && <span className="pill calm">{t(part.is_on ? "modulesPage.shutAbove" : "modulesPage.off")}</span>}
      <span className="grow" />
      <span className="muted" title={holders.map((code) => names[code] ?? code).join(t("list.or"))}>
        {t("modulesPage.roles", { count: holders.length })}
      </span>
      {refused?.code === part.code && <Alert type="error" showIcon role="alert" title={refused.why} />}
    </div>
  );
}

type SureProps = { part: Part; names: RoleNames; onTurn: (part: Part) => Promise<void>; onClose: () => void };

/** Says before it is done what vanishes, and for whom. */
function Sure({ part, names, onTurn, onClose }: SureProps) {
  const { t } = useTranslation();
  const [isBusy, setBusy] = useState(false);
  const holders = holdersOf(part);
  const verb = part.is_on ? "switchOff" : "switchOn";
  const below = part.children.map(said);
  return (
    <Modal open title={t(`modulesPage.${verb}`, { name: said(part) })} footer={null} onCancel={onClose} destroyOnHidden>
      <p>{t(`modulesPage.${verb}More`)}</p>
      <dl className="consequences">
        <dt>{t("modulesPage.about")}</dt>
        <dd>
          <ul>
            {below.map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
        </dd>
        <dt>{t("modulesPage.forWhom", { count: holders.length })}</dt>
        <dd>{holders.length ? holders.map((code) => names[code] ?? code).join("、") : t("modulesPage.nobody")}</dd>
      </dl>
      <div className="buttons">
        <Button
          type={part.is_on ? "default" : "primary"}
          danger={part.is_on}
          loading={isBusy}
          onClick={() => {
            setBusy(true);
            onTurn(part).finally(() => setBusy(false));
          }}
        >
          {t(`modulesPage.${verb}Do`)}
        </Button>
        <Button onClick={onClose}>{t("form.cancel")}</Button>
      </div>
    </Modal>
  );
}
