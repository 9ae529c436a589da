/** Clears a demo: says what goes, wants a word typed, and waits until the new beginning answers. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import { useMay, welcomeQuery } from "../api/session";
import { problemTitle } from "../i18n/names";
import { Loading, NoRight, State } from "../shell/States";
import { useTitle } from "../shell/title";
import { untilAnew } from "./anew";
import "./demo.css";

/** The same in both languages: it is the server that reads it. */
const WORD = "clear";

export default function Clearing() {
  const { t } = useTranslation();
  const may = useMay();
  useTitle(t("demo.title"));
  const { data } = useQuery(welcomeQuery);
  if (!data) return <Loading />;
  if (!data.demo?.clears) return <State title={t("failed.missing")} />;
  if (!may("role:write")) return <NoRight />;
  return (
    <div className="page">
      <header className="title">
        <h1>{t("demo.title")}</h1>
      </header>
      <Sure />
    </div>
  );
}

function Sure() {
  const { t } = useTranslation();
  const [word, setWord] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>();
  const clear = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefused(undefined);
    try {
      await ask("POST", "/demo/clearing", { body: { word: word.trim().toLowerCase() } });
      await untilAnew();
      location.assign("/sign-in");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error);
      setBusy(false);
    }
  };
  const fault = refused?.problem.errors?.some(({ pointer }) => pointer === "/word");
  return (
    <form className="box clearing" onSubmit={clear}>
      {refused && !fault && (
        <Alert type="error" showIcon role="alert" title={problemTitle(refused.problem)} description={refused.message} />
      )}
      <p>{t("demo.goes")}</p>
      <p>{t("demo.stays")}</p>
      <label htmlFor="word">{t("demo.type", { word: WORD })}</label>
      <Input
        id="word"
        autoComplete="off"
        value={word}
        disabled={isBusy}
        status={fault ? "error" : ""}
        aria-invalid={Boolean(fault)}
        aria-describedby="word-fault"
        onChange={(event) => setWord(event.target.value)}
      />
      <p id="word-fault" className="bad-text" aria-live="polite">
        {fault && t("demo.wrong", { word: WORD })}
      </p>
      <div className="buttons">
        <Button danger htmlType="submit" loading={isBusy}>
          {t("demo.clear")}
        </Button>
      </div>
      <p className="muted" role="status">
        {isBusy && t("demo.waits")}
      </p>
    </form>
  );
}
