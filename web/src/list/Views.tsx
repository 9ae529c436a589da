/** Which view of a list is open, and what can be done about it. */
import { CheckOutlined, DownOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import type { View } from "../app/search";
import { problemTitle } from "../i18n/names";
import type { Noun } from "../noun/noun";
import { ALL, isDirty, kept, opened, type SavedView } from "./views";

const ViewForm = lazy(() => import("./ViewForm"));

type Props = { noun: Noun; view: View; views: SavedView[]; onOpen: (view: View) => void };

export default function Views({ noun, view, views, onOpen }: Props) {
  const { t } = useTranslation();
  const { message, modal, notification } = App.useApp();
  const cache = useQueryClient();
  const [form, setForm] = useState<"new" | "edit">();
  const present = views.find((one) => `${one.id}` === view.saved);
  const hasDefault = views.some((one) => one.is_default);
  const all = () => onOpen(hasDefault ? { saved: ALL } : {});
  const change = async (work: () => Promise<unknown>) => {
    try {
      await work();
      await cache.invalidateQueries({ queryKey: ["views"] });
      message.success(t("record.saved"));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      notification.error({ title: problemTitle(error.problem), description: error.problem.detail });
      await cache.invalidateQueries({ queryKey: ["views"] });
    }
  };
  const path = `/views/${present?.id}`;
  const etag = `"${present?.version}"`;
  const save = () => change(() => ask("PATCH", path, { body: { query: kept(view) }, etag }));
  const remove = () =>
    modal.confirm({
      title: t("views.removeSure", { name: present?.name }),
      okText: t("record.remove"),
      okButtonProps: { danger: true },
      cancelText: t("form.cancel"),
      onOk: () =>
        change(async () => {
          await ask("DELETE", path, { etag });
          all();
        }),
    });
  const entry = (one: SavedView) => ({
    key: `${one.id}`,
    icon: one === present ? <CheckOutlined aria-hidden /> : <span className="unchecked" />,
    label: (
      <>
        {one.name}
        {one.is_default && <span className="count">{t("views.default")}</span>}
        {!one.may_change && <span className="count">{one.owner_name}</span>}
      </>
    ),
    onClick: () => onOpen(opened(one)),
  });
  const groups = [
    { key: "own", title: t("views.own"), views: views.filter((one) => !one.is_shared) },
    { key: "shared", title: t("views.shared"), views: views.filter((one) => one.is_shared) },
  ].filter((group) => group.views.length > 0);
  const items = [
    {
      key: ALL,
      icon: present ? <span className="unchecked" /> : <CheckOutlined aria-hidden />,
      label: t("views.all"),
      onClick: all,
    },
    ...groups.map(({ key, title, views }) => ({
      key,
      type: "group" as const,
      label: title,
      children: views.map(entry),
    })),
    { key: "line", type: "divider" as const },
    { key: "save", label: t("views.saveAs"), onClick: () => setForm("new") },
    ...(present?.may_change
      ? [
          { key: "edit", label: t("views.edit"), onClick: () => setForm("edit") },
          { key: "remove", label: t("views.remove"), danger: true, onClick: remove },
        ]
      : []),
  ];
  return (
    <>
      <Dropdown menu={{ items, className: "views" }} trigger={["click"]}>
        <Button size="small">
          <span className="cut">{t("views.present", { name: present?.name ?? t("views.all") })}</span>{" "}
          <DownOutlined aria-hidden />
        </Button>
      </Dropdown>
      {present && isDirty(view, present) && (
        <span className="dirty" role="status">
          {t("views.dirty")}
          {present.may_change && (
            <Button type="link" size="small" onClick={save}>
              {t("form.save")}
            </Button>
          )}
          <Button type="link" size="small" onClick={() => setForm("new")}>
            {t("views.saveAs")}
          </Button>
          <Button type="link" size="small" onClick={() => onOpen(opened(present))}>
            {t("views.discard")}
          </Button>
        </span>
      )}
      {form && (
        <Suspense fallback={null}>
          <ViewForm
            noun={noun}
            query={kept(view)}
            saved={form === "edit" ? present : undefined}
            onClose={() => setForm(undefined)}
            onDone={(saved) => {
              setForm(undefined);
              if (form === "new") onOpen({ ...view, saved: `${saved.id}` });
            }}
          />
        </Suspense>
      )}
    </>
  );
}
