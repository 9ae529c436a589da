/** Changes in place: sent with the version one saw, said when they are saved, and taken back at once if one likes. */
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { type Answered, ask } from "../api/http";
import type { Field } from "../api/shapes";
import { sent } from "../form/Editor";
import { filled, type Noun, type Row } from "../noun/noun";
import { useCalls, useRefresh } from "./record";
import { useRefusal } from "./why";

const OFFERED_SECONDS = 10;
/** Only the last change is offered; whoever saves again has moved on. */
let endOffer: () => void = () => undefined;

export function useEdit(noun: Noun, id: string) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const calls = useCalls();
  const refresh = useRefresh();
  const refusal = useRefusal();
  const [method = "", path = ""] = (noun.edit ?? "").split(" ");

  const saidSaved = (before: Row, answer: Answered<Row>) => {
    endOffer();
    const back = backOf(calls?.[noun.edit ?? ""]?.asks ?? [], before, answer.data ?? {});
    const key = `saved-${noun.name}-${id}`;
    if (Object.keys(back).length === 0) return void message.success({ key, content: t("record.saved") });
    const undo = async () => {
      end();
      try {
        await ask(method, filled(path, id), { body: back, etag: answer.etag });
        await refresh();
        message.success(t("record.undone"));
      } catch (error) {
        refusal.show(error, t("record.undo"));
      }
    };
    const press = (event: KeyboardEvent) => {
      if (!isUndo(event)) return;
      event.preventDefault();
      undo();
    };
    const end = () => {
      window.removeEventListener("keydown", press);
      message.destroy(key);
    };
    endOffer = end;
    window.addEventListener("keydown", press);
    message.success({
      key,
      duration: OFFERED_SECONDS,
      onClose: () => window.removeEventListener("keydown", press),
      content: (
        <>
          {t("record.saved")}
          <Button type="link" size="small" aria-keyshortcuts="Control+Z" onClick={undo}>
            {t("record.undo")}
          </Button>
        </>
      ),
    });
  };
  /** Throws what the server refuses. */
  const change = async (body: Row, before: Row, etag: string) => {
    const answer = await ask<Row>(method, filled(path, id), { body, etag });
    await refresh();
    saidSaved(before, answer);
  };
  return { change, saidSaved };
}

/** What has to be sent so that the record is as it was; nothing for what cannot be said. */
export function backOf(asks: Field[], before: Row, after: Row): Row {
  return Object.fromEntries(
    asks
      .filter(({ name }) => name in before && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .map((field) => [field.name, sent(field, before[field.name])] as const)
      .filter(([, value]) => value !== undefined),
  );
}

/** In a field the same keys take back what was typed there. */
function isUndo(event: KeyboardEvent): boolean {
  const isTyping =
    event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]");
  return !isTyping && (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
}
