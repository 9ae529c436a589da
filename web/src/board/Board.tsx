/** Cards in lanes: moved by mouse, by keyboard or by the card's menu; what the server refuses goes back and says why. */

import { MoreOutlined } from "@ant-design/icons";
import { DragDropContext, Draggable, Droppable, type DropResult } from "@hello-pangea/dnd";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { App, Button, Dropdown, Modal } from "antd";
import { lazy, Suspense, useState } from "react";
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
import { type Reason, useRefusal } from "../record/why";
import { Failed, Loading } from "../shell/States";
import { type Lane, useLanes } from "./lanes";

const Peek = lazy(() => import("../record/Peek"));

const CARDS = 50;
/** Not a button, as the library has it: there are a link and a menu inside. */
const GROUP = { role: "group" };
type Move = { row: Row; from: Lane; to: Lane };

export default function Board({ noun, view }: { noun: Noun; view: View }) {
  const lanes = useLanes(noun);
  return lanes ? <Lanes noun={noun} view={view} lanes={lanes} /> : <Loading />;
}

function Lanes({ noun, view, lanes }: { noun: Noun; view: View; lanes: Lane[] }) {
  const { message } = App.useApp();
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refusal = useRefusal();
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
      refusal.show(error, t("board.move", { lane: to.title }), t("board.back"));
    }
    stay(wish);
  };
  const peek = (id: string | undefined) =>
    navigate({ to: ".", search: ((now: View) => ({ ...now, peek: id })) as never, replace: Boolean(view.peek) });
  const dropped = ({ draggableId, destination }: DropResult) => {
    setHeld(undefined);
    const card = rows.find(({ row }) => idOf(noun, row) === draggableId);
    const to = lanes.find((lane) => lane.key === destination?.droppableId);
    if (card && to) move({ row: card.row, from: card.lane, to });
  };
  const inOrder = lanes.flatMap((lane) => rows.filter((card) => laneOf(card) === lane.key)).map(({ row }) => row);
  const ids = inOrder.map((row) => idOf(noun, row));
  const at = ids.indexOf(view.peek ?? "");
  return (
    <div className="board-and-peek">
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
              peeked={view.peek}
              onPeek={peek}
            />
          ))}
        </section>
      </DragDropContext>
      {view.peek && (
        <Suspense fallback={null}>
          <Peek
            noun={noun}
            id={view.peek}
            row={inOrder[at]}
            before={ids[at - 1]}
            after={at >= 0 ? ids[at + 1] : undefined}
            onMove={peek}
          />
        </Suspense>
      )}
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
    </div>
  );
}

/** While a card is held or its menu is open: the actions the server would refuse, with its reasons. */
function useRefused(noun: Noun, held: string | undefined): Record<string, Reason> {
  const { data } = useQuery({ ...recordQuery(noun, held ?? ""), enabled: Boolean(held) });
  const told = held ? ((data?.record.actions as Action[] | undefined) ?? []) : [];
  return Object.fromEntries(
    told.flatMap(({ action, allowed, reason }) => (allowed || !reason ? [] : [[action, reason]])),
  );
}

type LaneProps = {
  noun: Noun;
  lane: Lane;
  page: Page | undefined;
  rows: Row[];
  reason: Reason | undefined;
  others: Lane[];
  onMove: (row: Row, to: Lane) => void;
  peeked: string | undefined;
  onPeek: (id: string) => void;
};

function LaneOf({ noun, lane, page, rows, reason, others, onMove, peeked, onPeek }: LaneProps) {
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
            {reason ? (
              <span className="muted">{problemTitle(reason)}</span>
            ) : (
              <Sum rows={rows} isAll={(page?.total ?? 0) <= CARDS} />
            )}
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
                isPeeked={peeked === idOf(noun, row)}
                onPeek={() => onPeek(idOf(noun, row))}
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

type CardProps = {
  noun: Noun;
  row: Row;
  at: number;
  others: Lane[];
  onMove: (to: Lane) => void;
  isPeeked: boolean;
  onPeek: () => void;
};

function Card({ noun, row, at, others, onMove, isPeeked, onPeek }: CardProps) {
  const { t } = useTranslation();
  const refusal = useRefusal();
  const id = idOf(noun, row);
  const [isOpen, setOpen] = useState(false);
  const refused = useRefused(noun, isOpen ? id : undefined);
  const title = `${row[noun.title]}`;
  const when = (row.expected_on ?? row.next_contact_on) as string | null;
  const moves = others.map((lane) => {
    const reason = lane.action ? refused[lane.action] : undefined;
    const label = t("board.move", { lane: lane.title });
    return {
      key: lane.key,
      className: reason ? "not-now" : "",
      onClick: () => (reason ? refusal.explain(label, reason) : onMove(lane)),
      label: (
        <>
          {label}
          {reason && <span className="refused">{problemTitle(reason)}</span>}
        </>
      ),
    };
  });
  return (
    <Draggable draggableId={id} index={at}>
      {(provided, snapshot) => (
        <article
          ref={provided.innerRef}
          {...provided.draggableProps}
          {...provided.dragHandleProps}
          {...GROUP}
          aria-label={title}
          className={`deal${snapshot.isDragging ? " held" : ""}${isPeeked ? " chosen" : ""}`}
        >
          <RecordLink noun={noun.name} id={id} className="name">
            {title}
          </RecordLink>
          <Dropdown
            trigger={["click"]}
            onOpenChange={setOpen}
            menu={{ items: [{ key: "peek", label: t("board.peek"), onClick: onPeek }, { type: "divider" }, ...moves] }}
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
