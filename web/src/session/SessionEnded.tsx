/** Waits for the session to end. */
import { lazy, Suspense, useEffect, useState } from "react";
import { onSessionEnd } from "../api/http";

const SignInAgain = lazy(() => import("./SignInAgain"));

export function SessionEnded() {
  const [hasEnded, setEnded] = useState(false);
  useEffect(() => onSessionEnd(() => setEnded(true)), []);
  return (
    hasEnded && (
      <Suspense fallback={null}>
        <SignInAgain onDone={() => setEnded(false)} />
      </Suspense>
    )
  );
}
