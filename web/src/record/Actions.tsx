/** What may be done with a record, as the server says; what may not, with the reason. */
import { EllipsisOutlined } from "@ant-design/icons";
import { useNavigate } from "@tanstack/react-router";
import { App, Button, Dropdown, Modal } from "antd";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { useMay } from "../api/session";
import { CallForm } from "../form/CallForm";
import { actionName, problemTitle } from "../i18n/names";
import { filled, type Noun, type Row } from "../noun/noun";
import { useEdit } from "./edit";
import { type Action, useCalls, useRefresh } from "./record";
import { type Reason, useRefusal } from "./why";

type Props = {
  noun: Noun;
  id: string;
  record: Row;
  etag: string;
  onStale?: (mine: Row) => void;
  onRemoved?: () => void;
  isSmall?: boolean;
};
/** Never the one that stands out. */
const QUIET = new Set([
  "edit",
  "delete",
  "disable",
  "enable",
  "cancel",
  "reject",
  "lose",
  "fail",
  "drop",
  "transfer",
  "merge",
]);
const MOST_BUTTONS = 4;
type Offer = { name: string; call: string; refused?: Reason };

/** The calls of this record: those of its `actions`, or those one has the right to. */
function useOffers(noun: Noun, record: Row): Offer[] {
  const may = useMay();
  const calls = useCalls();
  const right = (call: string) => Boolean(calls?.[call]) && may(calls?.[call]?.needs ?? "");
  const told = record.actions as Action[] | undefined;
  const own = Object.entries({
    ...noun.calls,
    ...(told ? {} : { ...(noun.edit && { edit: noun.edit }), ...(noun.remove && { delete: noun.remove }) }),
  });
  const offers = own.filter(([, call]) => right(call)).map(([name, call]): Offer => ({ name, call }));
  for (const { action, allowed, reason } of told ?? []) {
    const below = noun.actions?.[action];
    const call =
      action === "edit" ? noun.edit : action === "delete" ? noun.remove : below && `POST ${noun.record}/${below}`;
    // A role that could never do it is not told why it cannot do it now.
    if (call && (allowed || (reason && reason.status !== 403) || right(call)))
      offers.push({ name: action, call, ...(allowed || !reason ? {} : { refused: reason }) });
  }
  return offers.sort((one, other) => Number(other.name === "edit") - Number(one.name === "edit"));
}

/** As many buttons as a line has room for; when there are more, what leads on goes before what gives up. */
function mostWanted(offers: Offer[]): Offer[] {
  const isQuiet = ({ name }: Offer) => name !== "edit" && QUIET.has(name);
  const kept = [...offers.filter((offer) => !isQuiet(offer)), ...offers.filter(isQuiet)].slice(0, MOST_BUTTONS);
  return offers.filter((offer) => kept.includes(offer));
}

const saidOf = (reason: Reason) => [problemTitle(reason), reason.detail].filter(Boolean).join(" · ");

export function Actions({ noun, id, record, etag, onStale, onRemoved, isSmall = false }: Props) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const refusal = useRefusal();
  const { saidSaved } = useEdit(noun, id);
  const calls = useCalls();
  const [open, setOpen] = useState<Offer>();
  const offers = useOffers(noun, record);
  const shown = isSmall ? [] : mostWanted(offers.filter((offer) => !offer.refused && offer.name !== "delete"));
  const rest = offers.filter((offer) => !shown.includes(offer));
  const first = (record.actions && shown.find((offer) => !QUIET.has(offer.name))) || shown[0];

  // Claimed or restored it stands elsewhere from now on.
  const became = () => {
    if (noun.becomes) navigate({ to: `/${noun.becomes}/${encodeURIComponent(id)}` });
  };
  const send = async (offer: Offer) => {
    const [method = "", path = ""] = offer.call.split(" ");
    try {
      await ask(method, filled(path, id), method === "POST" ? {} : { etag });
      message.success(t("record.done"));
      if (offer.call === noun.remove) onRemoved?.();
      else became();
      await refresh();
    } catch (error) {
      refusal.show(error, actionName(noun.name, offer.name));
    }
  };
  const start = (offer: Offer) => {
    // Whoever wonders why not is told.
    if (offer.refused) refusal.explain(actionName(noun.name, offer.name), offer.refused);
    else if (noun.dialogs?.[offer.name]) setOpen(offer);
    else if (offer.name === "delete")
      modal.confirm({
        // What is called by another name is another thing: a link that is taken off deletes no record.
        title: t("record.sure", { action: actionName(noun.name, "delete"), name: `${record[noun.title]}` }),
        okText: actionName(noun.name, "delete"),
        okButtonProps: { danger: true },
        cancelText: t("form.cancel"),
        onOk: () => send(offer),
      });
    else if (calls?.[offer.call]?.asks.length) setOpen(offer);
    else send(offer);
  };
  const Dialog = open && noun.dialogs?.[open.name];
  return (
    <div className="actions">
      {shown.map((offer) => (
        <Button key={offer.name} type={offer === first ? "primary" : "default"} onClick={() => start(offer)}>
          {actionName(noun.name, offer.name)}
        </Button>
      ))}
      {rest.length > 0 && (
        <Dropdown
          trigger={["click"]}
          menu={{
            items: rest.map((offer) => ({
              key: offer.name,
              danger: offer.name === "delete" && !offer.refused,
              className: offer.refused ? "not-now" : "",
              onClick: () => start(offer),
              label: (
                <>
                  {actionName(noun.name, offer.name)}
                  {offer.refused && <span className="refused">{saidOf(offer.refused)}</span>}
                </>
              ),
            })),
          }}
        >
          <Button
            {...(isSmall ? { size: "small", type: "text" } : {})}
            icon={<EllipsisOutlined aria-hidden />}
            aria-label={t("record.more")}
            title={t("record.more")}
          />
        </Dropdown>
      )}
      {open && Dialog && (
        <Suspense fallback={null}>
          <Dialog noun={noun} id={id} record={record} etag={etag} onClose={() => setOpen(undefined)} />
        </Suspense>
      )}
      {open && !Dialog && (
        <Modal
          open
          title={actionName(noun.name, open.name)}
          footer={null}
          onCancel={() => setOpen(undefined)}
          mask={{ closable: false }}
          destroyOnHidden
        >
          <CallForm
            noun={noun}
            call={open.call}
            id={id}
            {...(open.call.startsWith("POST") ? {} : { etag })}
            {...(open.name === "edit" || open.name === "tag"
              ? { initial: record, ...(onStale ? { onStale } : {}) }
              : {})}
            submit={open.name === "edit" ? t("form.save") : actionName(noun.name, open.name)}
            onClose={() => setOpen(undefined)}
            onDone={(answer) => {
              setOpen(undefined);
              if (open.name === "edit") saidSaved(record, answer);
              else {
                message.success(t("record.done"));
                became();
              }
            }}
          />
        </Modal>
      )}
    </div>
  );
}
