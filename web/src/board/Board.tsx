/** Cards in lanes: moved by mouse, by keyboard or by the card's menu; what the server refuses goes back and says why. */

import { MoreOutlined } from "@ant-design/icons";
import { DragDropContext, Draggable, Droppable, type DropResult } from "@hello-pangea/dnd";
import { useQueries, useQuery } from "@tanstack/react-query";
import { App, Button, Dropdown, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import { RecordLink } from "../app/links";
import type { View } from "../app/search";
import { CallForm } from "../form/CallForm";
import { asDay, asMoney, asNumber } from "../i18n/format";
import { actionName, problemTitle } from "../i18n/names";
import { type Page, rowsQuery } from "../list/rows";
import { asked } from "../list/view";
import { filled, idOf, type Noun, type Row } from "../noun/noun";
import { type Action, recordQuery, useCalls, useRefresh } from "../record/record";
import { Failed, Loading } from "../shell/States";
import { type Lane, useLanes } from "./lanes";

const CARDS = 50;
/** Not a button, as the library has it: there are a link and a menu inside. */
const GROUP = { role: "group" };
type Move = { row: Row; from: Lane; to: Lane };

export default function Board({ noun, view }: { noun: Noun; view: View }) {
  const lanes = useLanes(noun);
  return lanes ? <Lanes noun={noun} view={view} lanes={lanes} /> : <Loading />;
}

function Lanes({ noun, view, lanes }: { noun: Noun; view: View; lanes: Lane[] }) {
  const { notification, message } = App.useApp();
  const { t } = useTranslation();
  const calls = useCalls();
  const refresh = useRefresh();
  const [held, setHeld] = useState<string>();
  const [moved, setMoved] = useState<Record<string, string>>({});
  const [wanted, setWanted] = useState<Move>();
  const { page: _, size: __, ...query } = asked(noun, view);
  const pages = useQueries({
    queries: lanes.map((lane) => rowsQuery(noun.list, { ...query, ...lane.filters, size: CARDS })),
  });
  const refused = useRefused(noun, held);
  const failed = pages.find((page) => page.error);
  if (failed?.error) return <Failed error={failed.error} onRetry={failed.refetch} />;

  const rows = lanes.flatMap((lane, at) => (pages[at]?.data?.items ?? []).map((row) => ({ row, lane })));
  const laneOf = ({ row, lane }: { row: Row; lane: Lane }) => moved[idOf(noun, row)] ?? lane.key;
  const stay = (move: Move) => setMoved(({ [idOf(noun, move.row)]: _, ...others }) => others);

  const move = async (wish: Move) => {
    const { row, to } = wish;
    const below = to.action && noun.actions?.[to.action];
    if (!below || wish.from.key === to.key) return;
    setMoved({ ...moved, [idOf(noun, row)]: to.key });
    const asks = calls?.[`POST ${noun.record}/${below}`]?.asks ?? [];
    if (asks.some((field) => field.required && !(field.name in (to.body ?? {})))) return setWanted(wish);
    try {
      await ask("POST", `${filled(noun.record!, idOf(noun, row))}/${below}`, to.body ? { body: to.body } : {});
      message.success(t("board.moved", { lane: to.title }));
      await refresh();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // What a stage asks for is asked for; everything else is a reason.
      if (error.problem.errors?.length) return setWanted(wish);
      notification.error({ title: problemTitle(error.problem), description: error.problem.detail ?? t("board.back") });
    }
    stay(wish);
  };
  const dropped = ({ draggableId, destination }: DropResult) => {
    setHeld(undefined);
    const card = rows.find(({ row }) => idOf(noun, row) === draggableId);
    const to = lanes.find((lane) => lane.key === destination?.droppableId);
    if (card && to) move({ row: card.row, from: card.lane, to });
  };
  return (
    <>
      <DragDropContext onDragStart={({ draggableId }) => setHeld(draggableId)} onDragEnd={dropped}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
        <section className="board" aria-label={t("board.board")} tabIndex={0}>
          {lanes.map((lane, at) => (
            <LaneOf
              key={lane.key}
              noun={noun}
              lane={lane}
              page={pages[at]?.data}
              rows={rows.filter((card) => laneOf(card) === lane.key).map(({ row }) => row)}
              reason={lane.action ? refused[lane.action] : undefined}
              others={lanes.filter((other) => other !== lane && other.action)}
              onMove={(row, to) => move({ row, from: lane, to })}
            />
          ))}
        </section>
      </DragDropContext>
      {wanted && (
        <Modal
          open
          title={actionName(noun.name, wanted.to.action!)}
          footer={null}
          destroyOnHidden
          onCancel={() => {
            stay(wanted);
            setWanted(undefined);
          }}
        >
          <CallForm
            noun={noun}
            call={`POST ${noun.record}/${noun.actions?.[wanted.to.action!]}`}
            id={idOf(noun, wanted.row)}
            {...(wanted.to.body ? { given: wanted.to.body } : {})}
            submit={actionName(noun.name, wanted.to.action!)}
            onClose={() => {
              stay(wanted);
              setWanted(undefined);
            }}
            onDone={() => {
              stay(wanted);
              setWanted(undefined);
            }}
          />
        </Modal>
      )}
    </>
  );
}

/** While a card is held: the actions the server would refuse, with its reasons. */
function useRefused(noun: Noun, held: string | undefined): Record<string, string> {
  const { data } = useQuery({ ...recordQuery(noun, held ?? ""), enabled: Boolean(held) });
  const told = held ? ((data?.record.actions as Action[] | undefined) ?? []) : [];
  return Object.fromEntries(
    told.flatMap(({ action, allowed, reason }) => (allowed || !reason ? [] : [[action, problemTitle(reason)]])),
  );
}

type LaneProps = {
  noun: Noun;
  lane: Lane;
  page: Page | undefined;
  rows: Row[];
  reason: string | undefined;
  others: Lane[];
  onMove: (row: Row, to: Lane) => void;
};

function LaneOf({ noun, lane, page, rows, reason, others, onMove }: LaneProps) {
  const { t } = useTranslation();
  return (
    <Droppable droppableId={lane.key} isDropDisabled={Boolean(reason) || !lane.action}>
      {(provided, snapshot) => (
        <section
          className={`lane${snapshot.isDraggingOver ? " over" : ""}${reason ? " shut" : ""}`}
          aria-label={lane.title}
        >
          <header>
            <h2>
              {lane.title} <span className="count">{page ? asNumber(page.total ?? 0) : ""}</span>
            </h2>
            {reason ? <span className="muted">{reason}</span> : <Sum rows={rows} isAll={(page?.total ?? 0) <= CARDS} />}
          </header>
          <div className="cards" ref={provided.innerRef} {...provided.droppableProps}>
            {rows.map((row, at) => (
              <Card
                key={idOf(noun, row)}
                noun={noun}
                row={row}
                at={at}
                others={others}
                onMove={(to) => onMove(row, to)}
              />
            ))}
            {provided.placeholder}
            {page && (page.total ?? 0) > rows.length && rows.length >= CARDS && (
              <p className="muted">{t("board.more", { total: asNumber((page.total ?? 0) - rows.length) })}</p>
            )}
          </div>
        </section>
      )}
    </Droppable>
  );
}

/** What a lane is worth, per currency; nothing is said while only a part of it is shown. */
function Sum({ rows, isAll }: { rows: Row[]; isAll: boolean }) {
  if (!isAll) return <span className="muted">–</span>;
  const sums = new Map<string, number>();
  for (const { amount, currency } of rows)
    if (amount) sums.set(`${currency}`, (sums.get(`${currency}`) ?? 0) + Number(amount));
  return <span className="muted">{[...sums].map(([currency, sum]) => asMoney(sum, currency)).join(" + ") || "–"}</span>;
}

function Card({
  noun,
  row,
  at,
  others,
  onMove,
}: {
  noun: Noun;
  row: Row;
  at: number;
  others: Lane[];
  onMove: (to: Lane) => void;
}) {
  const { t } = useTranslation();
  const id = idOf(noun, row);
  const title = `${row[noun.title]}`;
  const when = (row.expected_on ?? row.next_contact_on) as string | null;
  return (
    <Draggable draggableId={id} index={at}>
      {(provided, snapshot) => (
        <article
          ref={provided.innerRef}
          {...provided.draggableProps}
          {...provided.dragHandleProps}
          {...GROUP}
          aria-label={title}
          className={snapshot.isDragging ? "deal held" : "deal"}
        >
          <RecordLink noun={noun.name} id={id} className="name">
            {title}
          </RecordLink>
          <Dropdown
            trigger={["click"]}
            menu={{
              items: others.map((lane) => ({
                key: lane.key,
                label: t("board.move", { lane: lane.title }),
                onClick: () => onMove(lane),
              })),
            }}
          >
            <Button
              className="menu"
              type="text"
              size="small"
              icon={<MoreOutlined aria-hidden />}
              aria-label={t("board.menu", { name: title })}
            />
          </Dropdown>
          <div className="line">
            <span>{`${row.customer_name ?? ""}`}</span>
          </div>
          <div className="line">
            <b>{row.amount ? asMoney(`${row.amount}`, row.currency as string) : ""}</b>
            <span>{when ? asDay(when) : ""}</span>
          </div>
          <div className="line">
            <span>{`${row.owner_name ?? row.assignee_name ?? ""}`}</span>
          </div>
        </article>
      )}
    </Draggable>
  );
}
