/** Language, look, cache and addresses, put together. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App as AntApp, ConfigProvider } from "antd";
import { useTranslation } from "react-i18next";
import { Refused } from "../api/http";
import { localeOfAnt } from "../i18n";
import { newRouter } from "./router";
import { themeOf, useLook } from "./theme";

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays one; what did not answer may answer the next time.
      retry: (count, error) => count < 2 && error instanceof Refused && (error.status === 0 || error.status >= 502),
    },
  },
});
const router = newRouter(cache);

export function App() {
  useTranslation(); // speaks anew when the language changes
  const locale = localeOfAnt();
  const look = useLook();
  return (
    <ConfigProvider {...(locale ? { locale } : {})} theme={themeOf(look)} button={{ autoInsertSpace: false }}>
      <AntApp component={false} notification={{ placement: "bottomRight" }}>
        <QueryClientProvider client={cache}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
