/** When a cleared system answers again: it then knows nobody's session. */

const AGAIN_MS = 700;

export async function untilAnew(
  answers: () => Promise<number> = asked,
  pause: () => Promise<void> = () => new Promise((done) => setTimeout(done, AGAIN_MS)),
): Promise<void> {
  do await pause();
  while ((await answers()) !== 401);
}

/** Asked directly: that the session has ended is what we wait for, not news to be shown. */
async function asked(): Promise<number> {
  try {
    return (await fetch("/api/me", { cache: "no-store" })).status;
  } catch {
    return 0;
  }
}
