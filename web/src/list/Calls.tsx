/** What can be done with a list as a whole. */
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import { useMay } from "../api/session";
import { actionName, problemTitle } from "../i18n/names";
import type { Noun } from "../noun/noun";
import { useCalls, useRefresh } from "../record/record";

export default function Calls({ noun }: { noun: Noun }) {
  const { t } = useTranslation();
  const { message, notification } = App.useApp();
  const refresh = useRefresh();
  const calls = useCalls();
  const may = useMay();
  const send = async (call: string) => {
    const [method = "", path = ""] = call.split(" ");
    try {
      await ask(method, path, { body: {} });
      message.success(t("record.done"));
      await refresh();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      notification.error({ title: problemTitle(error.problem), description: error.problem.detail });
    }
  };
  const open = Object.entries(noun.listCalls ?? {}).filter(([, call]) => calls && may(calls[call]?.needs ?? ""));
  return open.map(([name, call]) => (
    <Button key={name} onClick={() => send(call)}>
      {actionName(noun.name, name)}
    </Button>
  ));
}
