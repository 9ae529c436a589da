/** The organisation as a tree: who leads what, how many people belong to it, and what is below. */
import { PlusOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { useMay } from "../api/session";
import { ListLink, RecordLink } from "../app/links";
import { CallForm } from "../form/CallForm";
import { codesOf } from "../i18n/names";
import { Failed, Loading, Nothing } from "../shell/States";
import { useTitle } from "../shell/title";
import { units } from "./noun";

export type Branch = {
  id: number;
  name: string;
  code: string | null;
  kind: string;
  head_name: string | null;
  people: number;
  children: Branch[];
};

/** The people of a unit and of all that is below it. */
export function peopleOf(branch: Branch): number {
  return branch.people + branch.children.reduce((sum, child) => sum + peopleOf(child), 0);
}

/** Below what something new is to stand: a branch, or the top. */
type Place = { parent?: Branch };

export default function Organisation() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay();
  const cache = useQueryClient();
  const [place, setPlace] = useState<Place>();
  useTitle(t("organisation.title"));
  const { data, error, refetch } = useQuery({
    queryKey: ["list", "/units/tree"],
    queryFn: async ({ signal }) => (await ask<{ items: Branch[] }>("GET", "/units/tree", { signal })).data.items,
  });
  const add = may("unit:write") ? (parent?: Branch) => setPlace(parent ? { parent } : {}) : undefined;
  return (
    <div className="page">
      <header className="title">
        <h1>{t("organisation.title")}</h1>
        <span className="grow" />
        {add && (
          <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => add()}>
            {t("nouns.units.new")}
          </Button>
        )}
      </header>
      {error ? (
        <Failed error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading />
      ) : data.length === 0 ? (
        <Nothing noun={units} isFiltered={false} onClear={() => undefined} />
      ) : (
        <section className="box organisation">
          <Branches branches={data} onAdd={add} />
        </section>
      )}
      {place && (
        <Drawer
          open
          size={460}
          title={place.parent ? t("organisation.below", { name: place.parent.name }) : t("nouns.units.new")}
          onClose={() => setPlace(undefined)}
          mask={{ closable: false }}
          destroyOnHidden
        >
          <CallForm
            noun={units}
            call="POST /units"
            given={{ parent_id: place.parent?.id ?? null }}
            onClose={() => setPlace(undefined)}
            onDone={() => {
              setPlace(undefined);
              message.success(t("record.saved"));
              void cache.invalidateQueries({ queryKey: ["list"] });
            }}
          />
        </Drawer>
      )}
    </div>
  );
}

function Branches({ branches, onAdd }: { branches: Branch[]; onAdd: ((parent: Branch) => void) | undefined }) {
  const { t } = useTranslation();
  const may = useMay();
  const kinds = codesOf("units", "kind");
  return (
    <ul>
      {branches.map((branch) => {
        const all = peopleOf(branch);
        const people = t("organisation.people", { count: branch.people });
        return (
          <li key={branch.id}>
            <div className="branch">
              <RecordLink noun="units" id={`${branch.id}`}>
                {branch.name}
              </RecordLink>
              <span className="tag">{kinds?.[branch.kind] ?? branch.kind}</span>
              {branch.head_name && <span className="muted">{t("organisation.head", { name: branch.head_name })}</span>}
              <span className="grow" />
              {may("user:read") ? (
                <ListLink noun="users" search={{ unit_id: `${branch.id}` }}>
                  {people}
                </ListLink>
              ) : (
                <span>{people}</span>
              )}
              {all > branch.people && <span className="muted">{t("organisation.all", { count: all })}</span>}
              {onAdd && (
                <Button
                  size="small"
                  type="text"
                  icon={<PlusOutlined aria-hidden />}
                  aria-label={t("organisation.below", { name: branch.name })}
                  title={t("organisation.below", { name: branch.name })}
                  onClick={() => onAdd(branch)}
                />
              )}
            </div>
            {branch.children.length > 0 && <Branches branches={branch.children} onAdd={onAdd} />}
          </li>
        );
      })}
    </ul>
  );
}
