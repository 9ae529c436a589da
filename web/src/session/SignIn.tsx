/** The first page: who are you? In demo mode it also says who one could be. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { meQuery, welcomeQuery } from "../api/session";
import type { View } from "../app/search";
import { languageNow } from "../i18n";
import { Languages, Looks } from "../shell/Shell";
import { useTitle } from "../shell/title";
import { SignInForm } from "./SignInForm";

export default function SignIn() {
  const { t } = useTranslation();
  const language = languageNow();
  const { from } = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const cache = useQueryClient();
  const { data: welcome } = useQuery(welcomeQuery);
  const [fill, setFill] = useState<{ login: string; password: string }>();
  useTitle(t("signIn.title"));
  const enter = async () => {
    await cache.fetchQuery({ ...meQuery, staleTime: 0 });
    // Only an address of our own: what stands in the address bar may come from anywhere.
    await navigate({ href: from?.startsWith("/") && !from.startsWith("//") ? from : "/", replace: true });
  };
  return (
    <div className="door">
      <main className="card">
        <h1>
          <span className="mark" aria-hidden>
            关
          </span>
          {t("product")}
        </h1>
        <p className="muted">{t("signIn.slogan")}</p>
        <SignInForm key={fill?.login ?? ""} {...(fill ? { fill } : {})} onDone={enter} />
        {welcome?.demo && (
          <section className="demo" aria-labelledby="demo">
            <h2 id="demo">{t("signIn.demo")}</h2>
            <ul>
              {welcome.demo.accounts.map((account) => (
                <li key={account.login}>
                  <button
                    type="button"
                    onClick={() => setFill({ login: account.login, password: welcome.demo!.password })}
                  >
                    <b>{account.login}</b> {account[language]}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
      </main>
      <footer>
        <Languages />
        <Looks />
      </footer>
    </div>
  );
}
