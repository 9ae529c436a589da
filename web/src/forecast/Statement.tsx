/** What one expects oneself of a month: said, and said otherwise as often as one learns more. */
import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Input } from "antd";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import { problemTitle } from "../i18n/names";
import { monthName } from "../reports/say";

type Props = { month: string; currency: string; stated: string | undefined };

export function Statement({ month, currency, stated }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const [amount, setAmount] = useState(Number(stated) ? `${stated}` : "");
  const [problem, setProblem] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await ask("PUT", "/forecasts", { body: { month, currency, amount: amount.trim() } });
      message.success(t("record.saved"));
      await cache.invalidateQueries({ queryKey: ["forecast"] });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="statement" onSubmit={send}>
      <label htmlFor={id}>{t("forecast.mine", { month: monthName(month) })}</label>
      <Input
        id={id}
        inputMode="decimal"
        required
        suffix={currency}
        value={amount}
        status={problem ? "error" : ""}
        onChange={(event) => setAmount(event.target.value)}
      />
      <Button type="primary" htmlType="submit" loading={isBusy}>
        {t("forecast.state")}
      </Button>
      {problem && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={problemTitle(problem.problem)}
          description={problem.problem.errors?.map(({ detail }) => detail).join(" · ") ?? problem.problem.detail}
        />
      )}
    </form>
  );
}
